/** A real PostgreSQL as a part of the program: its own data folder, a free port on the loopback interface, a generated password.
 *
 *  One Harbinger per data folder. If we are killed, the server stays behind; the next start stops it cleanly and starts its own. If
 *  the server dies under us it is started again on the same port. The package's `EmbeddedPostgres` class is not used: it traps
 *  SIGTERM and stops the database before we have drained. */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Clock } from "../clock.ts";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createCluster, readLogTail, type ServerFiles, SUPERUSER, serverFiles, spawnServer } from "./cluster.ts";
import { type DataFolderLock, lockDataFolder } from "./data-folder-lock.ts";
import { endLeftOverServer, readPostmasterFile, STOP_STEPS } from "./postmaster.ts";
import { findServerAccount, type ServerAccount } from "./server-account.ts";
import { prepareServerBinaries, type ServerBinaries } from "./server-binaries.ts";

export interface EmbeddedPostgres {
  /** of the database `harbinger`, with the password in it */
  url: string;
  pid(): number | undefined;
  /** Fast shutdown, then the data folder is free. Idempotent. */
  stop(): Promise<void>;
  /** For a process that must end at once: asks the server to shut down and does not wait. */
  abandon(): void;
}

export interface EmbeddedPostgresOptions {
  dataFolder: string;
  logger: Logger;
  clock: Clock;
}

const DATABASE = "harbinger";
/** recovery after a crash replays at most max_wal_size */
const START_TIMEOUT_MS = 120_000;
const START_ATTEMPTS = 8;
const RESTART_DELAYS_MS = [100, 500, 2_000, 5_000];

/** @throws CONFLICT when another process uses the folder, INVALID_CONFIG when it was made by another PostgreSQL version or belongs to
 *  another user, UNAVAILABLE when the server cannot be started */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataFolder = resolve(options.dataFolder);
  await makeDataFolder(dataFolder);
  const lock = await lockDataFolder(dataFolder, options.clock).catch((error: unknown) => {
    throw explainFolder(dataFolder, error);
  });
  try {
    return await startLocked(serverFiles(dataFolder), lock, options.logger);
  } catch (error) {
    lock.release();
    throw explainFolder(dataFolder, error);
  }
}

async function startLocked(files: ServerFiles, lock: DataFolderLock, logger: Logger): Promise<EmbeddedPostgres> {
  const account = await accountFor(files);
  const binaries = await prepareServerBinaries(account, files.dataFolder);
  const password = await prepareCluster(files, binaries, account);
  if (!lock.isHeld())
    throw new HarbingerError("CONFLICT", `the data folder ${files.dataFolder} was taken by another process`);
  await endLeftOverServer(files.cluster, logger);

  let server = await startServer(files, binaries, account, null);
  const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${DATABASE}`;
  let stopping: Promise<void> | undefined;

  const supervise = () => {
    const { child, port } = server;
    child.once("exit", async (code, signal) => {
      if (stopping !== undefined) return;
      logger.error(
        { code, signal, log: readLogTail(files) },
        "the embedded PostgreSQL ended unexpectedly: starting it again",
      );
      for (let attempt = 0; stopping === undefined; attempt += 1) {
        try {
          server = await startServer(files, binaries, account, port);
          break;
        } catch (error) {
          logger.error({ err: error }, "the embedded PostgreSQL did not start again");
          await sleep(RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)]);
        }
      }
      if (stopping === undefined) supervise();
      else await stopServer(server.child);
    });
  };

  try {
    await createDatabaseOnce(url);
  } catch (error) {
    await stopServer(server.child);
    throw error;
  }
  supervise();
  return {
    url,
    pid: () => server.child.pid,
    stop: () => {
      stopping ??= stopServer(server.child).then(() => lock.release());
      return stopping;
    },
    abandon: () => {
      server.child.kill("SIGINT");
    },
  };
}

async function makeDataFolder(dataFolder: string): Promise<void> {
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainFolder(dataFolder, error);
  }
}

/** File system errors under the data folder are for the operator to mend: permissions, space, a file in the way. */
function explainFolder(dataFolder: string, error: unknown): unknown {
  if (error instanceof HarbingerError || !(error instanceof Error) || !("syscall" in error)) return error;
  return new HarbingerError("INVALID_CONFIG", `the data folder ${dataFolder} cannot be used: ${error.message}`, {
    cause: error,
  });
}

/** An existing cluster is run by whoever owns it, so that a folder made by a user still works when root starts it once. */
async function accountFor(files: ServerFiles): Promise<ServerAccount> {
  const owner = existsSync(files.cluster) ? statSync(files.cluster) : undefined;
  const me = process.getuid?.();
  if (owner !== undefined && me !== 0 && me !== undefined && owner.uid !== me) {
    throw new HarbingerError(
      "INVALID_CONFIG",
      `the database in ${files.cluster} belongs to user ${owner.uid}, and this is user ${me}`,
    );
  }
  if (owner !== undefined && me === 0 && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return findServerAccount();
}

/** @returns the superuser's password */
async function prepareCluster(files: ServerFiles, binaries: ServerBinaries, account: ServerAccount): Promise<string> {
  const passwordFile = join(files.dataFolder, "postgres-password");
  const versionFile = join(files.cluster, "PG_VERSION");
  if (existsSync(versionFile)) {
    const found = readFileSync(versionFile, "utf8").trim();
    if (found !== binaries.majorVersion) {
      throw new HarbingerError(
        "INVALID_CONFIG",
        `the database in ${files.cluster} was made by PostgreSQL ${found}, this release carries PostgreSQL ${binaries.majorVersion}: dump it with the release that made it and restore it here, or choose another data folder`,
      );
    }
    if (!existsSync(passwordFile)) {
      throw new HarbingerError(
        "INVALID_CONFIG",
        `${passwordFile} is missing: without it the database in ${files.cluster} cannot be opened`,
      );
    }
    return readFileSync(passwordFile, "utf8").trim();
  }
  if (existsSync(files.cluster)) {
    if ((await readdir(files.cluster)).length > 0) {
      throw new HarbingerError("INVALID_CONFIG", `${files.cluster} is not a PostgreSQL data folder and not empty`);
    }
    await rm(files.cluster, { recursive: true });
  }
  // The password is there before the cluster is, so a cluster always has one, wherever we are interrupted.
  const password = randomBytes(24).toString("base64url");
  writeFileSync(`${passwordFile}.draft`, `${password}\n`, { mode: 0o600 });
  renameSync(`${passwordFile}.draft`, passwordFile);
  await createCluster(files, binaries, account, password);
  return password;
}

interface RunningServer {
  child: ChildProcess;
  port: number;
}

/** @param fixedPort null takes a free one */
async function startServer(
  files: ServerFiles,
  binaries: ServerBinaries,
  account: ServerAccount,
  fixedPort: number | null,
): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = fixedPort ?? (await findFreePort());
    const child = spawnServer(files, binaries, account, port);
    if (await becomesReady(child, files, port)) {
      child.unref();
      return { child, port };
    }
    const log = readLogTail(files);
    // Somebody took the port between our look and the bind, or processes of a killed server have not noticed its death yet.
    const passes =
      /could not bind|address already in use|pre-existing shared memory block|lock file .* already exists/i.test(log);
    if (!passes || attempt === START_ATTEMPTS) {
      throw new HarbingerError("UNAVAILABLE", `the embedded PostgreSQL did not start:\n${log || "it wrote no log"}`);
    }
    await sleep(250 * attempt);
  }
}

/** false when the process ended instead   @throws UNAVAILABLE when it does neither in time */
async function becomesReady(child: ChildProcess, files: ServerFiles, port: number): Promise<boolean> {
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  child.once("error", () => {
    ended = true;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!ended) {
    const file = readPostmasterFile(files.cluster);
    if (file !== null && file.pid === child.pid && file.port === port && file.isReady) return true;
    if (performance.now() > deadline) {
      await stopServer(child);
      throw new HarbingerError("UNAVAILABLE", `the embedded PostgreSQL was not ready in time:\n${readLogTail(files)}`);
    }
    await sleep(10);
  }
  return false;
}

async function stopServer(child: ChildProcess): Promise<void> {
  const isGone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  for (const { signal, patienceMs } of STOP_STEPS) {
    if (isGone()) return;
    child.ref();
    child.kill(signal);
    const deadline = performance.now() + patienceMs;
    while (!isGone() && performance.now() < deadline) await sleep(5);
  }
}

async function createDatabaseOnce(url: string): Promise<void> {
  const admin = new pg.Client({
    connectionString: url.replace(/\/[^/]*$/, "/postgres"),
    connectionTimeoutMillis: 30_000,
  });
  try {
    await admin.connect();
    const { rowCount } = await admin.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await admin.query(`create database ${pg.escapeIdentifier(DATABASE)}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HarbingerError("UNAVAILABLE", `the embedded PostgreSQL does not let us in: ${reason}`, { cause: error });
  } finally {
    await admin.end().catch(() => {});
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolvePort, reject) => {
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolvePort(port));
    });
  });
}
