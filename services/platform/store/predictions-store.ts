/** Predictions as they were given, whoever asked. */
import { sql } from "kysely";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { jsonLines } from "./json-lines.ts";
import type { PredictionSource, PredictionsTable, StoredHorizon } from "./telemetry-tables.ts";

export interface PredictionRow {
  id: string;
  serviceId: number;
  /** event time that was asked about */
  atMs: EpochMs;
  /** processing time */
  madeAtMs: EpochMs;
  source: PredictionSource;
  modelName: string;
  /** null: answered without a model */
  modelVersion: string | null;
  /** how the answer came to be: `ready`, `warming`, `prior` … */
  state: string;
  horizons: StoredHorizon[];
  confidence: number | null;
  /** whatever else was answered */
  detail: Record<string, unknown> | null;
}

/** A service that was forgotten a moment ago takes its predictions along: they must not fail those that are written with them. */
export async function insertPredictions(db: Database, predictions: readonly PredictionRow[]): Promise<void> {
  if (predictions.length === 0) return;
  await sql`
    insert into predictions (id, service_id, at_ms, made_at_ms, source, model_name, model_version, state, horizons,
      confidence, detail)
    select id, service_id, at_ms, made_at_ms, source, model_name, model_version, state, horizons::jsonb, confidence,
      nullif(detail::jsonb, 'null')
    from unnest(${predictions.map((one) => one.id)}::uuid[], ${predictions.map((one) => one.serviceId)}::int[],
      ${predictions.map((one) => one.atMs)}::bigint[], ${predictions.map((one) => one.madeAtMs)}::bigint[],
      ${predictions.map((one) => one.source)}::text[], ${predictions.map((one) => one.modelName)}::text[],
      ${predictions.map((one) => one.modelVersion)}::text[], ${predictions.map((one) => one.state)}::text[],
      ${jsonLines(predictions.map((one) => one.horizons))},
      ${predictions.map((one) => one.confidence)}::real[],
      ${jsonLines(predictions.map((one) => one.detail))})
      as made (id, service_id, at_ms, made_at_ms, source, model_name, model_version, state, horizons, confidence, detail)
    where exists (select from services where services.id = made.service_id)`.execute(db);
}

/** @param id any text; one that is no UUID is not found */
export async function findPrediction(db: Database, id: string): Promise<PredictionRow | null> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null;
  const row = await db.selectFrom("predictions").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toPrediction(row);
}

/** The window predictions of the newest closed window, one per service. */
export async function latestPredictions(db: Database): Promise<PredictionRow[]> {
  const rows = await db
    .selectFrom("predictions")
    .selectAll()
    .where("source", "=", "window")
    .where("at_ms", "=", (select) =>
      select.selectFrom("stream_clock").select("closed_through_ms").where("id", "=", 1).$castTo<number>(),
    )
    .orderBy("service_id")
    .execute();
  return rows.map(toPrediction);
}

function toPrediction(
  row: {
    [Column in keyof PredictionsTable]: Column extends "horizons"
      ? StoredHorizon[]
      : Column extends "detail"
        ? Record<string, unknown> | null
        : PredictionsTable[Column];
  },
): PredictionRow {
  return {
    id: row.id,
    serviceId: row.service_id,
    atMs: row.at_ms,
    madeAtMs: row.made_at_ms,
    source: row.source,
    modelName: row.model_name,
    modelVersion: row.model_version,
    state: row.state,
    horizons: row.horizons,
    confidence: row.confidence,
    detail: row.detail,
  };
}
