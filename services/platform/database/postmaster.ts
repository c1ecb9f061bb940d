/** What a PostgreSQL server says about itself in `postmaster.pid`, and how to end one that an earlier process of ours left behind. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { processStart } from "./data-folder-lock.ts";

export interface PostmasterFile {
  pid: number;
  port: number;
  /** accepts connections; false while it starts, recovers or stops */
  isReady: boolean;
}

/** null when there is no such file or it is not complete yet (PostgreSQL manual, "postmaster.pid" has 8 lines; the last is the status) */
export function readPostmasterFile(clusterFolder: string): PostmasterFile | null {
  try {
    const lines = readFileSync(join(clusterFolder, "postmaster.pid"), "utf8").split("\n");
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!Number.isInteger(pid) || pid <= 0) return null;
    return { pid, port, isReady: lines[7]?.trim() === "ready" };
  } catch {
    return null;
  }
}

/** Ends a server that still runs on this folder although its Harbinger is gone. Call it only while holding the folder's lock.
 *  A pid file whose process is dead, or is some other program that was given the same pid, is removed.
 *  @throws UNAVAILABLE when the server does not end */
export async function endLeftOverServer(clusterFolder: string, logger: Logger): Promise<void> {
  const file = readPostmasterFile(clusterFolder);
  if (file === null) return;
  if (!servesFolder(file.pid, clusterFolder)) {
    rmSync(join(clusterFolder, "postmaster.pid"), { force: true });
    return;
  }
  logger.warn(
    { serverPid: file.pid },
    "a PostgreSQL server of an earlier, killed process still runs on the data folder: stopping it",
  );
  for (const { signal, patienceMs } of STOP_STEPS) {
    try {
      process.kill(file.pid, signal);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return;
      throw new HarbingerError("UNAVAILABLE", `cannot stop the left-over PostgreSQL server with pid ${file.pid}`, {
        cause: error,
      });
    }
    if (await isGoneWithin(file.pid, patienceMs)) return;
  }
  throw new HarbingerError("UNAVAILABLE", `the left-over PostgreSQL server with pid ${file.pid} does not stop`);
}

/** PostgreSQL manual 18.5: SIGINT is a fast shutdown (roll back, checkpoint, leave); SIGQUIT an immediate one (recover at next start). */
export const STOP_STEPS: readonly { signal: NodeJS.Signals; patienceMs: number }[] = [
  { signal: "SIGINT", patienceMs: 30_000 },
  { signal: "SIGQUIT", patienceMs: 10_000 },
  { signal: "SIGKILL", patienceMs: 5_000 },
];

/** A postmaster's working directory is its data folder, on Linux for anyone of the same user to see. */
function servesFolder(pid: number, clusterFolder: string): boolean {
  if (processStart(pid) === null) return false;
  try {
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(clusterFolder);
    const command = execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    return command.includes("postgres") && command.includes(clusterFolder);
  } catch {
    return false;
  }
}

async function isGoneWithin(pid: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (processStart(pid) !== null) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}
