import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../services/platform/clock.ts";
import { processStart } from "../../../services/platform/database/data-folder-lock.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../services/platform/database/embedded-postgres.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const HOLDER = fileURLToPath(new URL("../../helpers/hold-embedded-server.ts", import.meta.url));
const isRoot = process.getuid?.() === 0;
/** Another account must be able to walk down to the sources to run them; a checkout in a private folder cannot show that. */
const othersCanReadUs = foldersAbove(HOLDER).every((folder) => (statSync(folder).mode & 0o005) === 0o005);

describe("the embedded PostgreSQL", () => {
  let parent: string;
  let dataFolder: string;
  const running: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];

  const start = async () => {
    const server = await startEmbeddedPostgres({ dataFolder, clock: systemClock, logger: silentLogger });
    running.push(server);
    return server;
  };
  const hold = async (identity: { uid?: number; gid?: number } = {}, env: NodeJS.ProcessEnv = process.env) => {
    const child = spawn(process.execPath, ["--import", "tsx", HOLDER, dataFolder], { ...identity, env });
    children.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    while (!output.includes("ready ")) {
      if (child.exitCode !== null) throw new Error(output);
      await sleep(10);
    }
    return { child, serverPid: Number(/ready (\d+)/.exec(output)?.[1]) };
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };

  beforeEach(() => {
    // mkdtemp makes it 0700: as root, the server's account cannot walk down to it.
    parent = mkdtempSync(join(tmpdir(), "harbinger-embedded-"));
    dataFolder = join(parent, ".harbinger");
  });
  afterEach(async () => {
    for (const child of children.splice(0))
      if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(parent, { recursive: true, force: true });
  });

  test("keeps what was written over a stop and a start, on a new port if need be", async () => {
    const first = await start();
    await query(first.url, "create table kept (text text)");
    await query(first.url, "insert into kept values ('still here')");
    await first.stop();
    const second = await start();
    expect(await query(second.url, "select text from kept")).toEqual([{ text: "still here" }]);
  });

  test("is durable, and reachable from this machine only, with its password only", async () => {
    const { url } = await start();
    const [settings] = await query(
      url,
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as address, current_setting('unix_socket_directories') as sockets, current_setting('server_version_num')::int / 10000 as version",
    );
    expect(settings).toEqual({ fsync: "on", commit: "on", address: "127.0.0.1", sockets: "", version: 18 });
    const wrong = new URL(url);
    wrong.password = "guess";
    await expect(query(wrong.href, "select 1")).rejects.toThrow(/password authentication failed/);
    expect(readFileSync(join(dataFolder, "postgres-password"), "utf8").trim()).toBe(new URL(url).password);
  });

  test("refuses a second start on the folder and names the process that has it", async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  test("stays up when the terminal sends its interrupt to our process group", async () => {
    const server = await start();
    const group = (pid: number | string) => {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2];
    };
    expect(group(server.pid() ?? 0)).not.toBe(group("self"));
  });

  test("starts again every time after its process was killed, with every committed row", async () => {
    for (let round = 1; round <= 4; round += 1) {
      const { child, serverPid } = await hold();
      await end(child, "SIGKILL");
      // In every other round the server is killed as well, so that recovery is needed.
      if (round % 2 === 0) process.kill(serverPid, "SIGKILL");
    }
    const server = await start();
    expect(await query(server.url, "select count(*)::int as count from notes")).toEqual([{ count: 4 }]);
  });

  test("stops the server that a killed process left behind", async () => {
    const { child, serverPid } = await hold();
    await end(child, "SIGKILL");
    expect(isAlive(serverPid)).toBe(true);
    const server = await start();
    expect(isAlive(serverPid)).toBe(false);
    expect(server.pid()).not.toBe(serverPid);
  });

  test("is not taken in by a pid file whose pid now belongs to another program", async () => {
    await (await start()).stop();
    const pidFile = join(dataFolder, "postgres", "postmaster.pid");
    writeFileSync(pidFile, `${process.pid}\n/somewhere\n1\n5432\n\n127.0.0.1\n\nready\n`);
    const server = await start();
    expect(isAlive(process.pid)).toBe(true);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("comes back on the same address when the server dies under us", async () => {
    const server = await start();
    const before = server.pid();
    process.kill(before ?? 0, "SIGKILL");
    await eventually(() => query(server.url, "select 1"));
    expect(server.pid()).not.toBe(before);
  });

  test("starts over when its first start was cut off in the middle", async () => {
    mkdirSync(join(dataFolder, "postgres.initialising", "base"), { recursive: true });
    writeFileSync(join(dataFolder, "postgres.initialising", "PG_VERSION"), "18\n");
    writeFileSync(join(dataFolder, "postgres-password"), "from the first attempt\n");
    const server = await start();
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("names both versions when the folder was made by another PostgreSQL", async () => {
    await (await start()).stop();
    writeFileSync(join(dataFolder, "postgres", "PG_VERSION"), "15\n");
    await expect(start()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(/PostgreSQL 15.*PostgreSQL 18/),
    });
  });

  test("says what is wrong with a folder that cannot be used, and holds no lock afterwards", async () => {
    mkdirSync(join(dataFolder, "postgres"), { recursive: true });
    writeFileSync(join(dataFolder, "postgres", "something-else"), "");
    await expect(start()).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("not empty"),
    });
    rmSync(join(dataFolder, "postgres"), { recursive: true });
    expect(await query((await start()).url, "select 1 as one")).toEqual([{ one: 1 }]);
    const blocked = join(parent, "a-file");
    writeFileSync(blocked, "");
    const attempt = startEmbeddedPostgres({ dataFolder: join(blocked, "x"), clock: systemClock, logger: silentLogger });
    await expect(attempt).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });

  test.runIf(isRoot && othersCanReadUs)(
    "runs as a plain user, and root can start the same folder afterwards",
    async () => {
      const nobody = { uid: 65_534, gid: 65_534 };
      chmodSync(parent, 0o755);
      mkdirSync(dataFolder);
      chownSync(dataFolder, nobody.uid, nobody.gid);
      const { child, serverPid } = await hold(nobody, { PATH: process.env.PATH, HOME: dataFolder, TMPDIR: dataFolder });
      expect(readFileSync(`/proc/${serverPid}/status`, "utf8")).toMatch(/^Uid:\s+65534\s/m);
      await end(child, "SIGKILL");
      const server = await start();
      expect(await query(server.url, "select count(*)::int as count from notes")).toEqual([{ count: 1 }]);
    },
  );
});

function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...foldersAbove(parent)];
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  for (let left = 200; ; left -= 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(50);
    }
  }
}

/** a zombie that nobody has collected yet is not alive */
function isAlive(pid: number): boolean {
  return processStart(pid) !== null;
}
