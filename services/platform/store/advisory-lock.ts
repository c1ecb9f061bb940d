/** Advisory locks of the telemetry tables. All are held by a transaction, so that a killed process leaves none behind. */
import { sql } from "kysely";
import type { Database } from "./database.ts";

/** "HB" in ASCII; the second half of the key says which lock. */
const LOCK_CLASS = 0x4842;

const LOCKS = {
  /** shared: merging batches; exclusive: closing a window, or taking services away */
  merging: 1,
  /** who closes windows */
  closing: 2,
  /** who counts services and adds some */
  admission: 3,
  /** who deletes what is old */
  retention: 4,
  /** who counts error groups and adds some */
  groups: 5,
  /** who watches what became of models */
  lifecycle: 9,
} as const;

export type TelemetryLock = keyof typeof LOCKS;

/** Waits for the lock; released when the transaction ends. */
export async function lockUntilCommit(
  transaction: Database,
  lock: TelemetryLock,
  mode: "shared" | "exclusive" = "exclusive",
): Promise<void> {
  const acquire = mode === "shared" ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`;
  await sql`select ${acquire}(${LOCK_CLASS}::int, ${LOCKS[lock]}::int)`.execute(transaction);
}

/** @returns false when someone else has it */
export async function tryLockUntilCommit(transaction: Database, lock: TelemetryLock): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(${LOCK_CLASS}::int, ${LOCKS[lock]}::int) as locked`.execute(transaction);
  return rows[0]?.locked === true;
}
