/** Makes a database cluster (PostgreSQL's word for a data folder) and starts a server process on it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, closeSync, fchownSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { HarbingerError } from "../errors.ts";
import type { ServerAccount } from "./server-account.ts";
import { SERVER_ENVIRONMENT, type ServerBinaries } from "./server-binaries.ts";

export const SUPERUSER = "harbinger";

export interface ServerFiles {
  /** the folder we own: lock, password, log, and the cluster in it */
  dataFolder: string;
  /** PostgreSQL's own folder */
  cluster: string;
  log: string;
}

export const serverFiles = (dataFolder: string): ServerFiles => ({
  dataFolder,
  cluster: join(dataFolder, "postgres"),
  log: join(dataFolder, "postgres.log"),
});

/** How the server's processes name their data folder. Started by root they run as another user, who may not be allowed to walk down to
 *  the folder (a clone below a 0700 folder of root). They inherit it as working directory, so on Linux they can always reach it
 *  by this link, which the kernel resolves without looking at the folders above. */
const folderAsSeenBy = (account: ServerAccount, cluster: string): string =>
  account !== undefined && process.platform === "linux" ? "/proc/self/cwd" : cluster;

/** Initialises under another name and renames: a process killed in between leaves nothing that looks like a cluster. */
export async function createCluster(
  files: ServerFiles,
  binaries: ServerBinaries,
  account: ServerAccount,
  password: string,
): Promise<void> {
  const draft = join(files.dataFolder, "postgres.initialising");
  const passwordFile = join(files.dataFolder, "initdb-password");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account !== undefined) {
    chownSync(draft, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  // Inherited as descriptor 3 for the same reason: the path may be out of the account's reach, the open file is not.
  const passwordDescriptor = openSync(passwordFile, "r");
  try {
    const child = spawn(
      binaries.initdb,
      [
        `--pgdata=${folderAsSeenBy(account, draft)}`,
        "--pwfile=/dev/fd/3",
        `--username=${SUPERUSER}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
      ],
      { ...account, cwd: draft, env: SERVER_ENVIRONMENT, stdio: ["ignore", "pipe", "pipe", passwordDescriptor] },
    );
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    const [code] = await once(child, "close");
    if (code !== 0) {
      throw new HarbingerError(
        "UNAVAILABLE",
        `initdb could not create the database: ${output.join("").trim().split("\n").slice(-3).join(" ")}`,
      );
    }
    await rename(draft, files.cluster);
  } finally {
    closeSync(passwordDescriptor);
    rmSync(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** In a session of its own, so that Ctrl-C in a terminal ends us first and we can drain; its log goes to a file, so that it can
 *  outlive us without writing into a closed pipe. */
export function spawnServer(
  files: ServerFiles,
  binaries: ServerBinaries,
  account: ServerAccount,
  port: number,
): ChildProcess {
  const log = openSync(files.log, "w", 0o600);
  try {
    // Whoever owns the cluster can then start it without root, too.
    if (account !== undefined) fchownSync(log, account.uid, account.gid);
    return spawn(
      binaries.postgres,
      [
        "-D",
        folderAsSeenBy(account, files.cluster),
        ...Object.entries({ ...SERVER_SETTINGS, port }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      { ...account, cwd: files.cluster, env: SERVER_ENVIRONMENT, detached: true, stdio: ["ignore", log, log] },
    );
  } finally {
    closeSync(log);
  }
}

/** The last lines of the server's log, for an error message. */
export function readLogTail(files: ServerFiles, lines = 5): string {
  try {
    return readFileSync(files.log, "utf8").trim().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}

/** Durable as a server should be; small, since it shares a laptop with what it watches. */
const SERVER_SETTINGS: Readonly<Record<string, string | number>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  synchronous_commit: "on",
  max_connections: 100,
  shared_buffers: "128MB",
  max_wal_size: "1GB",
  wal_compression: "on",
  // The queue's tables turn over their rows all the time: vacuum them soon and in small steps.
  autovacuum_naptime: "15s",
  random_page_cost: 1.1,
  // Our queries are short; compiling them costs more than it saves.
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  log_line_prefix: "%m [%p] ",
  log_min_messages: "warning",
  log_min_error_statement: "panic",
};
