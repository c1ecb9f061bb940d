/** One process per data folder. Node has no flock(2), so the lock is a file that names its owner; a lock whose owner is dead is taken
 *  over. The owner is a pid together with that process's start, because pids are used again. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { HarbingerError } from "../errors.ts";

export interface DataFolderLock {
  /** false once somebody has removed or replaced the file under us */
  isHeld(): boolean;
  release(): void;
}

interface Owner {
  pid: number;
  /** start of the process in the system's own notation */
  startedAt: string;
  nonce: string;
}

/** A takeover lasts microseconds; a guard this old was left by a process that died within one. */
const GUARD_EXPIRES_MS = 10_000;
const ATTEMPTS = 100;

/** @param folder an existing folder   @throws CONFLICT naming the pid that uses the folder */
export async function lockDataFolder(folder: string, clock: Clock): Promise<DataFolderLock> {
  const path = join(folder, "lock");
  const guard = join(folder, "lock.takeover");
  const me: Owner = { pid: process.pid, startedAt: processStart(process.pid) ?? "", nonce: randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (createWhole(path, me)) return heldLock(path, me);
    const owner = readOwner(path);
    if (owner !== null && isAlive(owner)) {
      throw new HarbingerError("CONFLICT", `the data folder ${folder} is in use by process ${owner.pid}`, {
        details: { folder, pid: owner.pid },
      });
    }
    // Two processes may find the same dead owner. Only the one that holds the guard may remove the dead lock, and it looks
    // again first: the other may have been through here already.
    if (createWhole(guard, me)) {
      const present = readOwner(path);
      if (present === null || !isAlive(present)) rmSync(path, { force: true });
      const taken = createWhole(path, me);
      rmSync(guard, { force: true });
      if (taken) return heldLock(path, me);
    } else if (isExpired(guard, clock)) {
      rmSync(guard, { force: true });
    }
    await sleep(20);
  }
  throw new HarbingerError(
    "CONFLICT",
    `could not lock the data folder ${folder}; remove ${guard} if no other process starts on it`,
  );
}

function heldLock(path: string, me: Owner): DataFolderLock {
  const isHeld = () => readOwner(path)?.nonce === me.nonce;
  return {
    isHeld,
    release: () => {
      if (isHeld()) rmSync(path, { force: true });
    },
  };
}

/** Creates the file with its whole content in one step, so that a reader never sees half an owner; false when it exists. */
function createWhole(path: string, owner: Owner): boolean {
  const draft = `${path}.${owner.nonce}`;
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** null when the file is gone or was not written by us */
function readOwner(path: string): Owner | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isOwner(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    Number.isInteger(value.pid) &&
    "startedAt" in value &&
    "nonce" in value
  );
}

function isExpired(path: string, clock: Clock): boolean {
  try {
    return clock.now() - statSync(path).mtimeMs > GUARD_EXPIRES_MS;
  } catch {
    return false;
  }
}

function isAlive(owner: Owner): boolean {
  const startedAt = processStart(owner.pid);
  return startedAt !== null && (owner.startedAt === "" || owner.startedAt === startedAt);
}

/** null when there is no such process (or only its zombie) */
export function processStart(pid: number): string | null {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The command name may hold blanks and parentheses; fields are counted from the last one: state is the 3rd, start the 22nd.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? "");
    } catch {
      return null;
    }
  }
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    return null;
  }
}
