/** A Redis of a test's own, which may be killed and filled up without anybody else noticing. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

export interface RedisServer {
  url: string;
  /** SIGKILL: what it had written to its append-only file is all that is left */
  kill(): Promise<void>;
  /** SIGTERM: it flushes its file first */
  stop(): Promise<void>;
  /** on the same port and folder; resolves when it answers */
  start(): Promise<void>;
  command(name: string, ...args: string[]): Promise<unknown>;
  /** ends it and removes its folder */
  dispose(): Promise<void>;
}

/** Whether there is a redis-server to start. With HARBINGER_TEST_REQUIRE=redis a missing one is a failure. */
export function hasRedisServer(): boolean {
  if (spawnSync("redis-server", ["--version"]).status === 0) return true;
  if ((process.env.HARBINGER_TEST_REQUIRE ?? "").split(",").includes("redis"))
    throw new Error("HARBINGER_TEST_REQUIRE names redis, and there is no redis-server to start");
  return false;
}

const START_TIMEOUT_MS = 30_000;

/** Durable as ours should be: an append-only file and no eviction. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "harbinger-test-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  const start = async () => {
    const started = spawn(
      "redis-server",
      // Written at once, flushed every second: a killed process loses nothing, only a power cut does.
      [
        ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"],
      ],
      { stdio: "ignore" },
    );
    child = started;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(url))) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`);
      if (Date.now() > deadline) throw new Error("redis-server did not answer in time");
      await sleep(25);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  const dispose = async () => {
    await end("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start,
    command: (name, ...args) => withClient(url, (client) => client.call(name, ...args)),
    dispose,
  };
}

async function withClient<R>(url: string, work: (client: Redis) => Promise<R>): Promise<R> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

/** Also false while it still reads its file. */
async function answers(url: string): Promise<boolean> {
  try {
    return (await withClient(url, (client) => client.ping())) === "PONG";
  } catch {
    return false;
  }
}
