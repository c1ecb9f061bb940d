/** What was known about services at a moment of event time, read for many services at once. "At" means: of windows that had ended by
 *  then; whatever is stored later about later windows changes nothing. */
import { sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { bytesToFloats } from "./float32.ts";
import type { StoredHorizon } from "./telemetry-tables.ts";

/** How often failures began, and in how many windows one could have: those in which the service was not failing already. */
export interface OnsetCounts {
  onsets: number;
  windows: number;
}

export interface VectorAt {
  /** end of the newest window that the vector has seen */
  atMs: EpochMs;
  /** shape [features], NaN = missing */
  vector: Float32Array;
}

/** The newest vector of each service at a moment.
 *  @param atMs inclusive */
export async function vectorsAt(
  db: Database,
  serviceIds: readonly number[],
  atMs: EpochMs,
  specHash: string,
): Promise<Map<number, VectorAt>> {
  if (serviceIds.length === 0) return new Map();
  const { rows } = await sql<{ service_id: number; at_ms: number; vector: Buffer }>`
    select wanted.id as service_id, newest.at_ms, newest.vector
    from unnest(${[...serviceIds]}::int[]) as wanted(id)
    cross join lateral (
      select at_ms, vector from feature_vectors
      where service_id = wanted.id and at_ms <= ${atMs} and spec_hash = ${specHash}
      order by at_ms desc limit 1
    ) as newest`.execute(db);
  return new Map(rows.map((row) => [row.service_id, { atMs: row.at_ms, vector: bytesToFloats(row.vector) }]));
}

/** @param endMs windows that ended by then count */
export async function onsetCountsAt(
  db: Database,
  serviceIds: readonly number[],
  endMs: EpochMs,
  windowSizeMs: number,
): Promise<Map<number, OnsetCounts>> {
  if (serviceIds.length === 0) return new Map();
  const { rows } = await sql<OnsetCounts & { service_id: number }>`
    select service_id, count(*) filter (where onset) as onsets, count(*) filter (where onset or not failed) as windows
    from windows
    where service_id = any(${[...serviceIds]}::int[]) and closed and start_ms <= ${endMs - windowSizeMs}
    group by service_id`.execute(db);
  return new Map(rows.map(({ service_id, onsets, windows }) => [service_id, { onsets, windows }]));
}

/** The same over every service, for windows that ended in (afterMs, endMs]. */
export async function fleetOnsetCounts(
  db: Database,
  span: { afterMs: EpochMs; endMs: EpochMs },
  windowSizeMs: number,
): Promise<OnsetCounts> {
  const { rows } = await sql<OnsetCounts>`
    select count(*) filter (where onset) as onsets, count(*) filter (where onset or not failed) as windows
    from windows
    where closed and start_ms > ${span.afterMs - windowSizeMs} and start_ms <= ${span.endMs - windowSizeMs}`.execute(
    db,
  );
  return rows[0] ?? { onsets: 0, windows: 0 };
}

/** The newest closed window of each service at a moment. Nothing is closed beyond the clock: a backlog of open windows is not looked through. */
export async function lastWindowsAt(
  db: Database,
  serviceIds: readonly number[],
  endMs: EpochMs,
  windowSizeMs: number,
): Promise<Map<number, { endMs: EpochMs; failed: boolean | null }>> {
  if (serviceIds.length === 0) return new Map();
  const { rows } = await sql<{ service_id: number; start_ms: number; failed: boolean | null }>`
    select wanted.id as service_id, newest.start_ms, newest.failed
    from unnest(${[...serviceIds]}::int[]) as wanted(id)
    cross join lateral (
      select start_ms, failed from windows
      where service_id = wanted.id and closed
        and start_ms <= least(${endMs}::bigint, (select closed_through_ms from stream_clock)) - ${windowSizeMs}::bigint
      order by start_ms desc limit 1
    ) as newest`.execute(db);
  return new Map(rows.map((row) => [row.service_id, { endMs: row.start_ms + windowSizeMs, failed: row.failed }]));
}

export interface CurrentRisk {
  serviceId: number;
  /** end of the window it was made at */
  atMs: EpochMs;
  modelName: string;
  modelVersion: string | null;
  state: string;
  horizons: StoredHorizon[];
}

/** The newest risk that the window closer scored, of each service. */
export async function currentRisks(db: Database, serviceIds: readonly number[]): Promise<Map<number, CurrentRisk>> {
  if (serviceIds.length === 0) return new Map();
  const { rows } = await sql<CurrentRisk>`
    select wanted.id as "serviceId", newest.at_ms as "atMs", newest.model_name as "modelName",
      newest.model_version as "modelVersion", newest.state, newest.horizons
    from unnest(${[...serviceIds]}::int[]) as wanted(id)
    cross join lateral (
      select at_ms, model_name, model_version, state, horizons from predictions
      where service_id = wanted.id and source = 'window'
      order by at_ms desc limit 1
    ) as newest`.execute(db);
  return new Map(rows.map((row) => [row.serviceId, row]));
}
