/** What versions that nobody is shown said at the end of windows. */
import { sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { bytesToFloats } from "./float32.ts";

export interface ShadowScore {
  serviceId: number;
  atMs: EpochMs;
  probability: number;
}

/** Stores what is not stored yet: a score, once given, stays. */
export async function insertShadowScores(
  db: Database,
  { version, horizonMs }: { version: string; horizonMs: number },
  scores: readonly ShadowScore[],
): Promise<void> {
  if (scores.length === 0) return;
  await sql`
    insert into shadow_scores (version, service_id, at_ms, horizon_ms, probability)
    select ${version}, service_id, at_ms, ${horizonMs}::bigint, probability
    from unnest(${scores.map((one) => one.serviceId)}::int[], ${scores.map((one) => one.atMs)}::bigint[],
      ${scores.map((one) => one.probability)}::real[]) as said (service_id, at_ms, probability)
    on conflict do nothing`.execute(db);
}

export interface VectorKey {
  atMs: EpochMs;
  serviceId: number;
}

/** Vectors of one spec in the order of time, then service.
 *  @param after begins behind this one @param throughMs inclusive */
export async function vectorsByTime(
  db: Database,
  { specHash, after, throughMs, limit }: { specHash: string; after: VectorKey; throughMs: EpochMs; limit: number },
): Promise<(VectorKey & { vector: Float32Array })[]> {
  const { rows } = await sql<{ serviceId: number; atMs: number; vector: Buffer }>`
    select service_id as "serviceId", at_ms as "atMs", vector from feature_vectors
    where (at_ms, service_id) > (${after.atMs}::bigint, ${after.serviceId}::int) and at_ms <= ${throughMs}::bigint
      and spec_hash = ${specHash}
    order by at_ms, service_id
    limit ${limit}`.execute(db);
  return rows.map(({ vector, ...key }) => ({ ...key, vector: bytesToFloats(vector) }));
}
