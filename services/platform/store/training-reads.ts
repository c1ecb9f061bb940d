/** What training reads of the past, one service at a time, so that memory holds the vectors and little else. */
import { sql } from "kysely";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { Database } from "./database.ts";

export interface PastRange {
  fromMs: number;
  /** windows that ended by then count */
  throughMs: number;
}

export interface PastWindows {
  /** ascending; closed windows only */
  windows: { startMs: number; failed: boolean | null }[];
  /** error records by class in windows in which a failure began, by start */
  onsetClasses: Map<number, Partial<Record<ErrorVerdict, number>>>;
}

/** The range that holds the newest `limit` vectors of a spec.
 *  @returns null when there is none */
export async function findVectorRange(
  db: Database,
  specHash: string,
  throughMs: number,
  limit: number,
): Promise<PastRange | null> {
  const { rows } = await sql<{ from_ms: number | null; through_ms: number | null }>`
    select min(at_ms) as from_ms, max(at_ms) as through_ms from (
      select at_ms from feature_vectors where spec_hash = ${specHash} and at_ms <= ${throughMs}
      order by at_ms desc limit ${limit}
    ) as newest`.execute(db);
  const { from_ms: fromMs, through_ms: last } = rows[0] ?? { from_ms: null, through_ms: null };
  return fromMs === null || last === null ? null : { fromMs, throughMs };
}

/** @returns ids of services with a vector in the range, ascending */
export async function servicesWithVectors(db: Database, specHash: string, range: PastRange): Promise<number[]> {
  const rows = await db
    .selectFrom("feature_vectors")
    .select("service_id")
    .distinct()
    .where("spec_hash", "=", specHash)
    .where("at_ms", ">=", range.fromMs)
    .where("at_ms", "<=", range.throughMs)
    .orderBy("service_id")
    .execute();
  return rows.map((row) => row.service_id);
}

/** @param sizeMs window size: a window's end is its start and this */
export async function readPastWindows(
  db: Database,
  serviceId: number,
  range: PastRange,
  sizeMs: number,
): Promise<PastWindows> {
  const closed = db
    .selectFrom("windows")
    .where("service_id", "=", serviceId)
    .where("closed", "=", true)
    .where("start_ms", ">=", range.fromMs - sizeMs)
    .where("start_ms", "<=", range.throughMs - sizeMs);
  const windows = await closed.select(["start_ms", "failed"]).orderBy("start_ms").execute();
  const onsets = await closed
    .select(["start_ms", sql<Partial<Record<ErrorVerdict, number>> | null>`stats -> 'classes'`.as("classes")])
    .where("onset", "=", true)
    .execute();
  return {
    windows: windows.map((row) => ({ startMs: row.start_ms, failed: row.failed })),
    onsetClasses: new Map(onsets.map((row) => [row.start_ms, row.classes ?? {}])),
  };
}

/** @returns ascending; NaN = missing */
export async function readPastVectors(
  db: Database,
  serviceId: number,
  specHash: string,
  range: PastRange,
): Promise<{ atMs: number; vector: Float32Array }[]> {
  const rows = await db
    .selectFrom("feature_vectors")
    .select(["at_ms", "vector"])
    .where("service_id", "=", serviceId)
    .where("spec_hash", "=", specHash)
    .where("at_ms", ">=", range.fromMs)
    .where("at_ms", "<=", range.throughMs)
    .orderBy("at_ms")
    .execute();
  // Copied: a pooled buffer need not start at a multiple of four.
  return rows.map((row) => ({ atMs: row.at_ms, vector: new Float32Array(Uint8Array.from(row.vector).buffer) }));
}
