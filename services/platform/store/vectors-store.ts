/** Feature states and vectors, written when a window closes. */
import { sql } from "kysely";
import type { FeatureState } from "../../../models/features/fold.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { bytesToFloats, floatsToBytes } from "./float32.ts";
import { jsonLines } from "./json-lines.ts";

export interface StoredState {
  serviceId: number;
  /** end of the newest window folded */
  atMs: EpochMs;
  specHash: string;
  state: FeatureState;
}

export interface StoredVector {
  serviceId: number;
  /** end of the newest window that the vector has seen */
  atMs: EpochMs;
  /** shape [features of the spec], NaN = missing */
  vector: Float32Array;
}

const VECTOR_PAGE = 5_000;
/** Some hundred kilobytes. */
const VECTORS_AT_ONCE = 1_000;

/** Vectors of one spec, service by service and oldest first within each, read page by page.
 *  @param range of window ends, both inclusive
 *  @param thinning one vector of each service in so many windows, another one from service to service; default all */
export async function* readVectors(
  db: Database,
  specHash: string,
  range: { fromMs: EpochMs; throughMs: EpochMs },
  thinning: { everyWindows: number; windowSizeMs: number } = { everyWindows: 1, windowSizeMs: 1 },
): AsyncGenerator<StoredVector> {
  const { everyWindows, windowSizeMs } = thinning;
  let after = { serviceId: 0, atMs: 0 };
  while (true) {
    const { rows } = await sql<{ serviceId: number; atMs: number; vector: Buffer }>`
      select service_id as "serviceId", at_ms as "atMs", vector
      from feature_vectors
      where (service_id, at_ms) > (${after.serviceId}::int, ${after.atMs}::bigint)
        and at_ms >= ${range.fromMs}::bigint and at_ms <= ${range.throughMs}::bigint and spec_hash = ${specHash}
        and (at_ms / ${windowSizeMs}::bigint + service_id) % ${everyWindows}::int = 0
      order by service_id, at_ms
      limit ${VECTOR_PAGE}`.execute(db);
    for (const row of rows) {
      yield { serviceId: row.serviceId, atMs: row.atMs, vector: bytesToFloats(row.vector) };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < VECTOR_PAGE) return;
    after = last;
  }
}

export async function readStates(db: Database, serviceIds: readonly number[]): Promise<StoredState[]> {
  if (serviceIds.length === 0) return [];
  const rows = await db
    .selectFrom("feature_states")
    .selectAll()
    .where("service_id", "in", [...serviceIds])
    .execute();
  return rows.map((row) => ({
    serviceId: row.service_id,
    atMs: row.at_ms,
    specHash: row.spec_hash,
    // Written by writeStates under this spec hash.
    state: JSON.parse(row.state) as FeatureState,
  }));
}

export async function writeStates(db: Database, states: readonly StoredState[]): Promise<void> {
  if (states.length === 0) return;
  await sql`
    insert into feature_states (service_id, at_ms, spec_hash, state)
    select * from unnest(${states.map((one) => one.serviceId)}::int[], ${states.map((one) => one.atMs)}::bigint[],
      ${states.map((one) => one.specHash)}::text[], ${jsonLines(states.map((one) => one.state))})
    on conflict (service_id) do update
    set at_ms = excluded.at_ms, spec_hash = excluded.spec_hash, state = excluded.state`.execute(db);
}

/** @param vectors all of one length
 *  @throws RangeError for vectors of different lengths */
export async function writeVectors(db: Database, specHash: string, vectors: readonly StoredVector[]): Promise<void> {
  for (let from = 0; from < vectors.length; from += VECTORS_AT_ONCE) {
    await writeSome(db, specHash, vectors.slice(from, from + VECTORS_AT_ONCE));
  }
}

/** The bytes of all go in one parameter, which the server cuts: an array of byte strings would be turned into text, four times as long, and
 *  back. */
async function writeSome(db: Database, specHash: string, vectors: readonly StoredVector[]): Promise<void> {
  const width = vectors[0]?.vector.length ?? 0;
  const floats = new Float32Array(vectors.length * width);
  for (const [index, { vector }] of vectors.entries()) {
    if (vector.length !== width) throw new RangeError(`vectors of ${width} and of ${vector.length} features`);
    floats.set(vector, index * width);
  }
  const bytes = 4 * width;
  await sql`
    insert into feature_vectors (service_id, at_ms, spec_hash, vector)
    select service_id, at_ms, ${specHash},
      substring(${floatsToBytes(floats)}::bytea from ((place - 1) * ${bytes}::int + 1)::int for ${bytes}::int)
    from unnest(${vectors.map((one) => one.serviceId)}::int[], ${vectors.map((one) => one.atMs)}::bigint[])
      with ordinality as folded (service_id, at_ms, place)
    on conflict (service_id, at_ms) do update set spec_hash = excluded.spec_hash, vector = excluded.vector`.execute(db);
}
