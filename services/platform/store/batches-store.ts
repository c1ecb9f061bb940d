/** Batches that were merged: the memory that makes a request which comes twice count once. */
import { sql } from "kysely";
import type { TelemetryBatch } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

/** Marks batches as merged, in the transaction that merges them.
 *  @param batches each id once
 *  @returns ids that had not been merged before */
export async function claimBatches(
  db: Database,
  batches: readonly Pick<TelemetryBatch, "batchId" | "signal" | "receivedAtMs" | "recordCount" | "rejected">[],
  mergedAtMs: number,
): Promise<Set<string>> {
  if (batches.length === 0) return new Set();
  // One order in every transaction, so that two of them never wait for each other in a circle.
  const sorted = [...batches].sort((a, b) => (a.batchId < b.batchId ? -1 : 1));
  const { rows } = await sql<{ batch_id: Buffer }>`
    insert into ingested_batches (batch_id, signal, received_at_ms, record_count, rejected, merged_at_ms)
    select batch_id, signal, received_at_ms, record_count, rejected::jsonb, ${mergedAtMs}::bigint
    from unnest(${sorted.map((batch) => Buffer.from(batch.batchId, "hex"))}::bytea[],
      ${sorted.map((batch) => batch.signal)}::text[], ${sorted.map((batch) => batch.receivedAtMs)}::bigint[],
      ${sorted.map((batch) => batch.recordCount)}::int[],
      ${sorted.map((batch) => JSON.stringify(batch.rejected))}::text[])
      as arrived (batch_id, signal, received_at_ms, record_count, rejected)
    on conflict (batch_id) do nothing
    returning batch_id`.execute(db);
  return new Set(rows.map((row) => row.batch_id.toString("hex")));
}
