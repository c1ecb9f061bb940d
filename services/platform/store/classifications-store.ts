/** Answers of `/classify`, kept so that feedback can target them by id. */
import { type Selectable, sql } from "kysely";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { jsonLines } from "./json-lines.ts";
import type { ClassificationsTable } from "./judgement-tables.ts";

export interface ClassificationRow {
  id: string;
  fingerprint: string;
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
  votes: Record<string, unknown>;
  /** the record as it was classified */
  error: ErrorRecord;
  createdAtMs: number;
}

/** One row per answer; bounded by the caller (a request holds at most a few hundred). */
export async function insertClassifications(db: Database, rows: readonly ClassificationRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into classifications (id, fingerprint, class, probability, abstained, votes, error, created_at_ms)
    select id, fingerprint, class, probability, abstained, votes::jsonb, error::jsonb, created_at_ms
    from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.fingerprint)}::text[],
      ${rows.map((row) => row.class)}::text[], ${rows.map((row) => row.probability)}::real[],
      ${rows.map((row) => row.abstained)}::boolean[], ${jsonLines(rows.map((row) => row.votes))},
      ${jsonLines(rows.map((row) => row.error))}, ${rows.map((row) => row.createdAtMs)}::bigint[])
      as answered (id, fingerprint, class, probability, abstained, votes, error, created_at_ms)`.execute(db);
}

export async function findClassification(db: Database, id: string): Promise<ClassificationRow | null> {
  const row = await db.selectFrom("classifications").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toRow(row);
}

/** The newest answer about a fingerprint that came in by `/classify`. */
export async function latestClassification(db: Database, fingerprint: string): Promise<ClassificationRow | null> {
  const row = await db
    .selectFrom("classifications")
    .selectAll()
    .where("fingerprint", "=", fingerprint)
    .orderBy("created_at_ms", "desc")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : toRow(row);
}

export interface AskedFingerprint {
  classification: ClassificationRow;
  /** answers given about it since `sinceMs` */
  askedCount: number;
  firstAskedMs: number;
}

/** Fingerprints asked about by `/classify` since a moment, each with its newest answer, most asked first. */
export async function readAskedFingerprints(
  db: Database,
  query: { sinceMs: number; limit: number },
): Promise<AskedFingerprint[]> {
  const rows = await db
    .with("asked", (cte) =>
      cte
        .selectFrom("classifications")
        .select((select) => [
          "fingerprint",
          select.fn.countAll<number>().as("asked_count"),
          select.fn.min("created_at_ms").as("first_asked_ms"),
        ])
        .where("created_at_ms", ">=", query.sinceMs)
        .groupBy("fingerprint")
        .orderBy("asked_count", "desc")
        .orderBy("fingerprint")
        .limit(query.limit),
    )
    .selectFrom("asked")
    .innerJoin("classifications as c", "c.fingerprint", "asked.fingerprint")
    .distinctOn("c.fingerprint")
    .selectAll("c")
    .select(["asked.asked_count", "asked.first_asked_ms"])
    .orderBy("c.fingerprint")
    .orderBy("c.created_at_ms", "desc")
    .orderBy("c.id")
    .execute();
  return rows
    .map((row) => ({
      classification: toRow(row),
      askedCount: Number(row.asked_count),
      firstAskedMs: Number(row.first_asked_ms),
    }))
    .sort((a, b) => b.askedCount - a.askedCount);
}

function toRow(row: Selectable<ClassificationsTable>): ClassificationRow {
  return {
    id: row.id,
    fingerprint: row.fingerprint,
    class: row.class,
    probability: row.probability,
    abstained: row.abstained,
    votes: row.votes,
    error: row.error,
    createdAtMs: row.created_at_ms,
  };
}
