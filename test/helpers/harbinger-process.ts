/** Starts the program as its users do, in a process of its own, on free ports and a data folder of its own. It must have been built. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { PROGRAM, PROJECT } from "./program.ts";

export interface HarbingerProcess {
  apiUrl: string;
  otlpUrl: string;
  /** of the gRPC receiver, as gRPC clients take it: `host:port` */
  grpcTarget: string;
  dataDirectory: string;
  child: ChildProcess;
  /** everything the process wrote so far */
  output(): string;
  /** SIGTERM, and the exit code once it is gone */
  stop(): Promise<number | null>;
  /** SIGKILL, as a power cut would */
  kill(): Promise<void>;
  /** stop (if running) and delete the data folder */
  dispose(): Promise<void>;
}

export interface HarbingerProcessOptions {
  env?: Record<string, string>;
  /** reuse the folder of an earlier process, to test restarts */
  dataDirectory?: string;
  readyTimeoutMs?: number;
}

/** Resolves when `/readyz` answers 200; rejects with the process's output when it exits or stays silent. */
export async function startHarbinger(options: HarbingerProcessOptions = {}): Promise<HarbingerProcess> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), "harbinger-test-")));
  const [apiPort, otlpPort, grpcPort] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(process.execPath, PROGRAM, {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...environmentWithoutServers(),
      HARBINGER_DATA_DIRECTORY: dataDirectory,
      HARBINGER_HTTP_PORT: String(apiPort),
      HARBINGER_OTLP_HTTP_PORT: String(otlpPort),
      HARBINGER_OTLP_GRPC_PORT: String(grpcPort),
      ...options.env,
    },
  });
  const chunks: string[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const output = () => chunks.join("");
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (isGone()) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };

  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const deadline = Date.now() + (options.readyTimeoutMs ?? 120_000);
  while (!(await answersReady(apiUrl))) {
    if (isGone()) throw new Error(`Harbinger exited with ${child.exitCode ?? child.signalCode}:\n${output()}`);
    if (Date.now() > deadline) {
      await end("SIGKILL");
      throw new Error(`Harbinger was not ready in time:\n${output()}`);
    }
    await sleep(50);
  }
  return {
    apiUrl,
    otlpUrl: `http://127.0.0.1:${otlpPort}`,
    grpcTarget: `127.0.0.1:${grpcPort}`,
    dataDirectory,
    child,
    output,
    stop: async () => {
      await end("SIGTERM");
      return child.exitCode;
    },
    kill: () => end("SIGKILL"),
    dispose: async () => {
      await end("SIGTERM");
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** A test decides for itself which servers the process uses, whatever the shell around it has set. */
function environmentWithoutServers(): NodeJS.ProcessEnv {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...rest } = process.env;
  return rest;
}

async function answersReady(apiUrl: string): Promise<boolean> {
  try {
    return (await fetch(`${apiUrl}/readyz`)).ok;
  } catch {
    return false;
  }
}
