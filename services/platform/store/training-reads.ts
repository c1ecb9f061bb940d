/** What only training asks of the past. */
import { sql } from "kysely";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { Database } from "./database.ts";

export interface PastRange {
  /** window ends, both inclusive */
  fromMs: number;
  throughMs: number;
}

/** The range that holds the newest `limit` vectors of a spec, and how many they are.
 *  @returns null when there is none */
export async function findVectorRange(
  db: Database,
  specHash: string,
  throughMs: number,
  limit: number,
): Promise<(PastRange & { vectors: number }) | null> {
  const { rows } = await sql<{ from_ms: number | null; vectors: number }>`
    select min(at_ms) as from_ms, count(*)::int as vectors from (
      select at_ms from feature_vectors where spec_hash = ${specHash} and at_ms <= ${throughMs}
      order by at_ms desc limit ${limit}
    ) as newest`.execute(db);
  const { from_ms: fromMs = null, vectors = 0 } = rows[0] ?? {};
  return fromMs === null ? null : { fromMs, throughMs, vectors };
}

export interface OnsetClasses {
  serviceId: number;
  startMs: number;
  /** error records by class */
  classes: Partial<Record<ErrorVerdict, number>>;
}

/** Which errors came in the windows in which failures began. @param sizeMs window size: a window's end is its start and this */
export async function readOnsetClasses(db: Database, range: PastRange, sizeMs: number): Promise<OnsetClasses[]> {
  const { rows } = await sql<{ service_id: number; start_ms: number; classes: OnsetClasses["classes"] | null }>`
    select service_id, start_ms, stats -> 'classes' as classes from windows
    where closed and onset and start_ms + ${sizeMs}::bigint >= ${range.fromMs} and start_ms + ${sizeMs}::bigint <= ${range.throughMs}
    order by service_id, start_ms`.execute(db);
  return rows.map((row) => ({ serviceId: row.service_id, startMs: row.start_ms, classes: row.classes ?? {} }));
}
