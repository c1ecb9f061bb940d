/** Samples of what a model meets. */
import { sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { bytesToFloats } from "./float32.ts";

/** Vectors of up to `most` services at one moment; which ones depends on the moment, so that all have their turn. */
export async function sampleVectors(
  db: Database,
  specHash: string,
  atMs: EpochMs,
  most: number,
): Promise<Float32Array[]> {
  const { rows } = await sql<{ vector: Buffer }>`
    select vector from feature_vectors where at_ms = ${atMs}::bigint and spec_hash = ${specHash}
    order by hashint8(service_id + at_ms) limit ${most}`.execute(db);
  return rows.map((row) => bytesToFloats(row.vector));
}

/** What a version said at the ends of windows in (fromMs, throughMs], the newest `most`. */
export async function sampleProbabilities(
  db: Database,
  query: { version: string; horizonMs: number; fromMs: EpochMs; throughMs: EpochMs; most: number },
): Promise<number[]> {
  const { rows } = await sql<{ probability: number }>`
    select (asked ->> 'probability')::float8 as probability
    from (
      select horizons from predictions
      where source = 'window' and model_version = ${query.version} and at_ms > ${query.fromMs}::bigint
        and at_ms <= ${query.throughMs}::bigint
      order by at_ms desc limit ${query.most}
    ) as newest
    cross join lateral jsonb_array_elements(horizons) as asked
    where (asked ->> 'horizonMs')::bigint = ${query.horizonMs}::bigint`.execute(db);
  return rows.map((row) => row.probability);
}
