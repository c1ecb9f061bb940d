/** Operators' judgements, append-only: what was said stays on record, and a withdrawn judgement only stops counting. */
import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import type { FeedbackLabel, FeedbackTable, FeedbackTargetKind, Outcome } from "./judgement-tables.ts";

export interface FeedbackRow {
  id: string;
  idempotencyKey: string | null;
  requestHash: string | null;
  targetKind: FeedbackTargetKind;
  targetId: string;
  fingerprint: string | null;
  serviceId: number | null;
  predictionId: string | null;
  atMs: number | null;
  label: FeedbackLabel;
  record: ErrorRecord | null;
  operator: string | null;
  comment: string | null;
  createdAtMs: number;
  withdrawnAtMs: number | null;
  effect: Record<string, unknown>;
}

/** What an operator said became of a prediction. */
export interface PredictionVerdict {
  serviceId: number;
  atMs: number;
  horizonMs: number;
  outcome: Outcome;
}

/** An error with the class that an operator gave it. */
export interface ClassLabel {
  fingerprint: string;
  class: ErrorClass;
  error: ErrorRecord;
  operator: string | null;
  createdAtMs: number;
}

/** @returns false when another judgement already holds the idempotency key (nothing is written) */
export async function insertFeedback(db: Database, row: FeedbackRow): Promise<boolean> {
  const result = await db
    .insertInto("feedback")
    .values({
      id: row.id,
      idempotency_key: row.idempotencyKey,
      request_hash: row.requestHash,
      target_kind: row.targetKind,
      target_id: row.targetId,
      fingerprint: row.fingerprint,
      service_id: row.serviceId,
      prediction_id: row.predictionId,
      at_ms: row.atMs,
      label: JSON.stringify(row.label),
      record: row.record === null ? null : JSON.stringify(row.record),
      operator: row.operator,
      comment: row.comment,
      created_at_ms: row.createdAtMs,
      withdrawn_at_ms: row.withdrawnAtMs,
      effect: JSON.stringify(row.effect),
    })
    .onConflict((conflict) => conflict.column("idempotency_key").doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** Writes what a judgement changed, known only after it was applied. */
export async function recordFeedbackEffect(db: Database, id: string, effect: Record<string, unknown>): Promise<void> {
  await db
    .updateTable("feedback")
    .set({ effect: JSON.stringify(effect) })
    .where("id", "=", id)
    .execute();
}

export async function findFeedback(db: Database, id: string): Promise<FeedbackRow | null> {
  const row = await db.selectFrom("feedback").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toRow(row);
}

export async function findFeedbackByKey(db: Database, idempotencyKey: string): Promise<FeedbackRow | null> {
  const row = await db
    .selectFrom("feedback")
    .selectAll()
    .where("idempotency_key", "=", idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? null : toRow(row);
}

/** @returns false when it was withdrawn before, or never was */
export async function withdrawFeedback(db: Database, id: string, atMs: number): Promise<boolean> {
  const result = await db
    .updateTable("feedback")
    .set({ withdrawn_at_ms: atMs })
    .where("id", "=", id)
    .where("withdrawn_at_ms", "is", null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Standing judgements on predictions. Of several on the same moment and horizon of a service, the newest one stands. */
export async function readPredictionVerdicts(db: Database): Promise<PredictionVerdict[]> {
  const rows = await db
    .selectFrom("feedback")
    .select(["service_id", "at_ms", "label"])
    .where("target_kind", "=", "prediction")
    .where("withdrawn_at_ms", "is", null)
    .orderBy("seq")
    .execute();
  const newest = new Map<string, PredictionVerdict>();
  for (const { service_id: serviceId, at_ms: atMs, label } of rows) {
    if (serviceId === null || atMs === null || !("outcome" in label)) continue;
    newest.set(`${serviceId} ${atMs} ${label.horizonMs}`, { serviceId, atMs, ...label });
  }
  return [...newest.values()];
}

/** Standing class labels, oldest first; of several by one operator on one fingerprint, the newest one stands. */
export async function readClassLabels(db: Database): Promise<ClassLabel[]> {
  const rows = await db
    .selectFrom("feedback")
    .select(["fingerprint", "operator", "label", "record", "created_at_ms"])
    .where("target_kind", "in", ["classification", "fingerprint"])
    .where("withdrawn_at_ms", "is", null)
    .orderBy("seq")
    .execute();
  const newest = new Map<string, ClassLabel>();
  for (const { fingerprint, operator, label, record, created_at_ms } of rows) {
    if (fingerprint === null || record === null || !("class" in label)) continue;
    const key = JSON.stringify([fingerprint, operator]);
    newest.delete(key);
    newest.set(key, { fingerprint, class: label.class, error: record, operator, createdAtMs: created_at_ms });
  }
  return [...newest.values()];
}

/** Fingerprints with a standing class label among those asked about. */
export async function labelledFingerprints(db: Database, fingerprints: readonly string[]): Promise<Set<string>> {
  if (fingerprints.length === 0) return new Set();
  const rows = await db
    .selectFrom("feedback")
    .select("fingerprint")
    .distinct()
    .where("fingerprint", "in", [...fingerprints])
    .where("withdrawn_at_ms", "is", null)
    .execute();
  return new Set(rows.flatMap((row) => (row.fingerprint === null ? [] : [row.fingerprint])));
}

/** Standing judgements made after a moment, by what they teach: `class` labels teach the classifier, `outcome` the predictor. */
export async function countFeedbackSince(db: Database, kind: "class" | "outcome", sinceMs: number): Promise<number> {
  const row = await db
    .selectFrom("feedback")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where(sql<boolean>`jsonb_exists(label, ${kind})`)
    .where("withdrawn_at_ms", "is", null)
    .where("created_at_ms", ">", sinceMs)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function toRow(row: Selectable<FeedbackTable>): FeedbackRow {
  return {
    id: row.id,
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    targetKind: row.target_kind,
    targetId: row.target_id,
    fingerprint: row.fingerprint,
    serviceId: row.service_id,
    predictionId: row.prediction_id,
    atMs: row.at_ms,
    label: row.label,
    record: row.record,
    operator: row.operator,
    comment: row.comment,
    createdAtMs: row.created_at_ms,
    withdrawnAtMs: row.withdrawn_at_ms,
    effect: row.effect,
  };
}
