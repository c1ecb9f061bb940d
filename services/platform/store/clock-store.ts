/** How far time has come: the newest event time, the newest arrival, the end of the newest closed window. */
import { sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

export interface StreamClock {
  /** latest event time; no batch counts beyond its arrival */
  maxEventMs: EpochMs | null;
  /** processing time of the newest batch's arrival */
  lastReceivedMs: EpochMs | null;
  /** end of the newest window that was closed */
  closedThroughMs: EpochMs | null;
  /** processing time of the closer's last sign of life */
  lastTickMs: EpochMs | null;
  /** span of processing time in which no closer ran */
  absence: { fromMs: EpochMs; untilMs: EpochMs } | null;
}

export async function readStreamClock(db: Database): Promise<StreamClock> {
  const row = await db.selectFrom("stream_clock").selectAll().where("id", "=", 1).executeTakeFirst();
  return {
    maxEventMs: row?.max_event_ms ?? null,
    lastReceivedMs: row?.last_received_ms ?? null,
    closedThroughMs: row?.closed_through_ms ?? null,
    lastTickMs: row?.last_tick_ms ?? null,
    absence:
      row == null || row.absent_from_ms === null || row.absent_until_ms === null
        ? null
        : { fromMs: row.absent_from_ms, untilMs: row.absent_until_ms },
  };
}

/** Both only ever move forward; null leaves a value as it is. */
export async function advanceStreamClock(
  db: Database,
  { maxEventMs, lastReceivedMs }: { maxEventMs: EpochMs | null; lastReceivedMs: EpochMs },
): Promise<void> {
  // greatest() ignores nulls
  await sql`
    update stream_clock
    set max_event_ms = greatest(max_event_ms, ${maxEventMs}::bigint),
        last_received_ms = greatest(last_received_ms, ${lastReceivedMs}::bigint)
    where id = 1`.execute(db);
}

export async function setClosedThrough(db: Database, closedThroughMs: EpochMs): Promise<void> {
  await db.updateTable("stream_clock").set({ closed_through_ms: closedThroughMs }).where("id", "=", 1).execute();
}

/** The closer's sign of life.
 *  @param absence when it finds that none was given for a while */
export async function recordTick(
  db: Database,
  nowMs: EpochMs,
  absence?: { fromMs: EpochMs; untilMs: EpochMs },
): Promise<void> {
  await db
    .updateTable("stream_clock")
    .set({
      last_tick_ms: nowMs,
      ...(absence && { absent_from_ms: absence.fromMs, absent_until_ms: absence.untilMs }),
    })
    .where("id", "=", 1)
    .execute();
}
