/** Predictions made at the end of windows and, once known, what became of them. */
import { sql } from "kysely";
import type { LabelWindow } from "../../../models/features/labels.ts";
import type { ClusterSums } from "../../../models/lifecycle/clustered-mean.ts";
import type { OutcomeSums } from "../../../models/lifecycle/outcome-sums.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

export interface PastPrediction {
  serviceId: number;
  atMs: EpochMs;
  /** null: base rates answered */
  version: string | null;
  /** at the horizon that was asked for */
  probability: number;
  /** what versions that nobody was shown said, by version */
  shadows: Readonly<Record<string, number>>;
}

/** Services with predictions of windows that ended in (fromMs, throughMs], ascending. */
export async function predictedServices(
  db: Database,
  span: { fromMs: EpochMs; throughMs: EpochMs },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select distinct service_id as id from predictions
    where at_ms > ${span.fromMs}::bigint and at_ms <= ${span.throughMs}::bigint and source = 'window'
    order by service_id`.execute(db);
  return rows.map((row) => row.id);
}

/** Predictions of some services for windows that ended in (fromMs, throughMs], in the order of service, then time.
 *  @param shadows versions whose scores are wanted beside them */
export async function pastPredictions(
  db: Database,
  query: {
    serviceIds: readonly number[];
    fromMs: EpochMs;
    throughMs: EpochMs;
    horizonMs: number;
    shadows: readonly string[];
  },
): Promise<PastPrediction[]> {
  const { rows } = await sql<PastPrediction>`
    select predictions.service_id as "serviceId", predictions.at_ms as "atMs", predictions.model_version as version,
      (asked ->> 'probability')::float8 as probability,
      coalesce((
        select jsonb_object_agg(shadow_scores.version, shadow_scores.probability) from shadow_scores
        where shadow_scores.version = any(${[...query.shadows]}::text[]) and shadow_scores.at_ms = predictions.at_ms
          and shadow_scores.service_id = predictions.service_id and shadow_scores.horizon_ms = ${query.horizonMs}::bigint
      ), '{}') as shadows
    from predictions
    cross join lateral jsonb_array_elements(predictions.horizons) as asked
    where predictions.service_id = any(${[...query.serviceIds]}::int[]) and predictions.source = 'window'
      and predictions.at_ms > ${query.fromMs}::bigint and predictions.at_ms <= ${query.throughMs}::bigint
      and (asked ->> 'horizonMs')::bigint = ${query.horizonMs}::bigint
    order by predictions.service_id, predictions.at_ms`.execute(db);
  return rows;
}

/** States of some services' closed windows that start in [fromMs, toMs), oldest first, by service. */
export async function failureStates(
  db: Database,
  query: { serviceIds: readonly number[]; fromMs: EpochMs; toMs: EpochMs },
): Promise<Map<number, LabelWindow[]>> {
  const { rows } = await sql<LabelWindow & { serviceId: number }>`
    select service_id as "serviceId", start_ms as "startMs", failed from windows
    where service_id = any(${[...query.serviceIds]}::int[]) and closed
      and start_ms >= ${query.fromMs}::bigint and start_ms < ${query.toMs}::bigint
    order by service_id, start_ms`.execute(db);
  const states = new Map<number, LabelWindow[]>();
  for (const { serviceId, ...window } of rows) {
    const known = states.get(serviceId);
    if (known === undefined) states.set(serviceId, [window]);
    else known.push(window);
  }
  return states;
}

export async function addOutcomeSums(
  db: Database,
  { version, against }: { version: string; against: string },
  sums: readonly OutcomeSums[],
): Promise<void> {
  if (sums.length === 0) return;
  await sql`
    insert into model_outcomes as known (version, against, service_id, block_ms, rows, positives, probability, brier, against_brier,
      log_loss, against_log_loss)
    select ${version}, ${against}, * from unnest(${sums.map((one) => one.serviceId)}::int[],
      ${sums.map((one) => one.blockMs)}::bigint[], ${sums.map((one) => one.rows)}::int[],
      ${sums.map((one) => one.positives)}::int[], ${sums.map((one) => one.probability)}::float8[],
      ${sums.map((one) => one.brier)}::float8[], ${sums.map((one) => one.againstBrier)}::float8[],
      ${sums.map((one) => one.logLoss)}::float8[], ${sums.map((one) => one.againstLogLoss)}::float8[])
    on conflict (version, against, block_ms, service_id) do update
    set rows = known.rows + excluded.rows, positives = known.positives + excluded.positives,
        probability = known.probability + excluded.probability, brier = known.brier + excluded.brier,
        against_brier = known.against_brier + excluded.against_brier, log_loss = known.log_loss + excluded.log_loss,
        against_log_loss = known.against_log_loss + excluded.against_log_loss`.execute(db);
}

export interface OutcomeComparison {
  rows: number;
  positives: number;
  services: number;
  firstMs: EpochMs;
  /** means over the rows */
  probability: number;
  brier: number;
  againstBrier: number;
  logLoss: number;
  againstLogLoss: number;
  /** of version - against */
  brierDifference: ClusterSums;
  logLossDifference: ClusterSums;
}

/** Everything known of a version against another since a moment. @returns null when nothing is known */
export async function compareOutcomes(
  db: Database,
  { version, against, sinceMs }: { version: string; against: string; sinceMs: EpochMs },
): Promise<OutcomeComparison | null> {
  const { rows } = await sql<Record<string, number | null>>`
    with known as (
      select service_id, block_ms, rows, positives, probability, brier, against_brier, log_loss, against_log_loss
      from model_outcomes
      where version = ${version} and against = ${against} and block_ms >= ${sinceMs}::bigint
    ), total as (
      select sum(rows)::float8 as rows, sum(positives)::float8 as positives, count(distinct service_id)::float8 as services,
        min(block_ms)::float8 as first_ms, sum(probability) as probability, sum(brier) as brier, sum(against_brier) as against_brier,
        sum(log_loss) as log_loss, sum(against_log_loss) as against_log_loss
      from known
    ), residual as (
      select service_id, block_ms,
        known.brier - known.against_brier - known.rows * (total.brier - total.against_brier) / total.rows as brier,
        known.log_loss - known.against_log_loss - known.rows * (total.log_loss - total.against_log_loss) / total.rows as log_loss
      from known cross join total
    ), by_time as (
      select sum(brier) as brier, sum(log_loss) as log_loss from residual group by block_ms
    ), by_service as (
      select sum(brier) as brier, sum(log_loss) as log_loss from residual group by service_id
    ), by_both as (
      select brier, log_loss from residual
    )
    select total.*,
      (select count(*)::float8 from by_time) as times, (select count(*)::float8 from by_both) as both,
      (select sum(brier ^ 2) from by_time) as time_brier, (select sum(log_loss ^ 2) from by_time) as time_log_loss,
      (select sum(brier ^ 2) from by_service) as service_brier, (select sum(log_loss ^ 2) from by_service) as service_log_loss,
      (select sum(brier ^ 2) from by_both) as both_brier, (select sum(log_loss ^ 2) from by_both) as both_log_loss
    from total`.execute(db);
  const row = rows[0];
  const count = row?.rows ?? null;
  if (row === undefined || count === null) return null;
  // With rows there are sums.
  const at = (column: string): number => row[column] ?? 0;
  const difference = (loss: "brier" | "log_loss"): ClusterSums => ({
    rows: count,
    sum: at(loss) - at(`against_${loss}`),
    byTime: { clusters: at("times"), squares: at(`time_${loss}`) },
    byService: { clusters: at("services"), squares: at(`service_${loss}`) },
    byBoth: { clusters: at("both"), squares: at(`both_${loss}`) },
  });
  return {
    rows: count,
    positives: at("positives"),
    services: at("services"),
    firstMs: at("first_ms"),
    probability: at("probability") / count,
    brier: at("brier") / count,
    againstBrier: at("against_brier") / count,
    logLoss: at("log_loss") / count,
    againstLogLoss: at("against_log_loss") / count,
    brierDifference: difference("brier"),
    logLossDifference: difference("log_loss"),
  };
}

/** The moment of the first prediction, at the end of a window, after one. */
export async function nextPredictionAfter(db: Database, atMs: EpochMs): Promise<EpochMs | null> {
  const row = await db
    .selectFrom("predictions")
    .select("at_ms")
    .where("at_ms", ">", atMs)
    .where("source", "=", "window")
    .orderBy("at_ms")
    .limit(1)
    .executeTakeFirst();
  return row?.at_ms ?? null;
}
