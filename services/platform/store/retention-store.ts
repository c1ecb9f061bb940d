/** Deletes what is old, a little at a time, so that no statement holds many rows for long. */
import { type RawBuilder, sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import { lockUntilCommit } from "./advisory-lock.ts";
import type { Database } from "./database.ts";

const ROWS_AT_ONCE = 5_000;

export interface RetentionCutoffs {
  /** event time: windows, vectors, answers and error groups before it go */
  eventMs: EpochMs;
  /** processing time: batches merged before it are forgotten */
  batchMs: EpochMs;
  /** event time: sightings of errors before it are forgotten */
  sightingMs: EpochMs;
  /** event time: pairs of a group and a service that showed it last before it go */
  pairMs: EpochMs;
}

/** From when on pairs of an error group and a service must have been seen, for no more than `most` of them to be there.
 *  @returns 0 while there are no more */
export async function pairCutoff(db: Database, most: number): Promise<EpochMs> {
  const { rows } = await sql<{ lastSeenMs: number }>`
    select last_seen_ms as "lastSeenMs" from error_group_services
    order by last_seen_ms desc offset ${most - 1}::bigint limit 1`.execute(db);
  return rows[0]?.lastSeenMs ?? 0;
}

/** @returns deleted rows by table; a table with `ROWS_AT_ONCE` of them may have more */
export async function deleteOldRows(db: Database, cutoffs: RetentionCutoffs): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  const old: readonly [string, RawBuilder<unknown>][] = [
    ["windows", sql`start_ms < ${cutoffs.eventMs}::bigint and closed`],
    ["feature_vectors", sql`at_ms < ${cutoffs.eventMs}::bigint`],
    ["predictions", sql`at_ms < ${cutoffs.eventMs}::bigint`],
    ["shadow_scores", sql`at_ms < ${cutoffs.eventMs}::bigint`],
    ["model_outcomes", sql`block_ms < ${cutoffs.eventMs}::bigint`],
    // Labels keep their own copy of the error.
    ["classifications", sql`created_at_ms < ${cutoffs.eventMs}::bigint`],
    ["ingested_batches", sql`merged_at_ms < ${cutoffs.batchMs}::bigint`],
    ["error_sightings", sql`event_ms < ${cutoffs.sightingMs}::bigint`],
    ["error_group_services", sql`last_seen_ms < ${Math.max(cutoffs.eventMs, cutoffs.pairMs)}::bigint`],
    ["error_groups", sql`last_seen_ms < ${cutoffs.eventMs}::bigint`],
  ];
  for (const [table, condition] of old) {
    const name = sql.table(table);
    const { numAffectedRows } = await sql`
      delete from ${name} where ctid = any(array(
        select ctid from ${name} where ${condition} limit ${ROWS_AT_ONCE} for update skip locked))`.execute(db);
    deleted[table] = Number(numAffectedRows ?? 0n);
  }
  deleted.services = await deleteForgottenServices(db, cutoffs.eventMs);
  return deleted;
}

/** Retired services of which nothing is left make room for others. Nobody merges meanwhile, so nobody adds to what goes. */
async function deleteForgottenServices(db: Database, eventMs: EpochMs): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: number }>`
      select id from services
      where retired and last_event_ms < ${eventMs}::bigint
        and not exists (select from windows where windows.service_id = services.id)
      limit ${ROWS_AT_ONCE}`.execute(transaction);
    if (rows.length === 0) return 0;
    await lockUntilCommit(transaction, "merging", "exclusive");
    const { rows: gone } = await sql<{ id: number }>`
      select id from services
      where id = any(${rows.map((row) => row.id)}::int[]) and retired and last_event_ms < ${eventMs}::bigint
        and not exists (select from windows where windows.service_id = services.id)`.execute(transaction);
    const ids = gone.map((row) => row.id);
    for (const table of ["error_group_services", "feature_states", "feature_vectors", "predictions"]) {
      await sql`delete from ${sql.table(table)} where service_id = any(${ids}::int[])`.execute(transaction);
    }
    await sql`delete from services where id = any(${ids}::int[])`.execute(transaction);
    return ids.length;
  });
}

export function isMoreToDelete(deleted: Readonly<Record<string, number>>): boolean {
  return Object.values(deleted).some((count) => count >= ROWS_AT_ONCE);
}
