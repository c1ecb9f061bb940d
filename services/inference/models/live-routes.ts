/** What models turn out to be worth while they serve, and beside what serves. */
import { z } from "zod";
import { type ClusterSums, clusteredMean } from "../../../models/lifecycle/clustered-mean.ts";
import { evidencePValue } from "../../../models/lifecycle/paired-evidence.ts";
import { reliabilityError } from "../../../models/lifecycle/reliability.ts";
import { shadowVerdict } from "../../../models/lifecycle/shadow-watch.ts";
import { HarbingerError } from "../../platform/errors.ts";
import {
  BASE_RATE,
  HIDDEN_ALIASES,
  type HiddenAlias,
  type HiddenWatch,
  type Horizon,
  readWatchState,
} from "../../platform/lifecycle/watch-state.ts";
import { FAILURE_PREDICTOR, SERVED_MODELS } from "../../platform/serving/definitions.ts";
import type { Database } from "../../platform/store/database.ts";
import { readDriftSignals } from "../../platform/store/drift-store.ts";
import { compareOutcomes } from "../../platform/store/outcomes-store.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { textSchema, toTimestamp } from "../http/schemas.ts";
import {
  type comparisonSchema,
  comparisonsSchema,
  type differenceSchema,
  driftSchema,
  performanceSchema,
} from "./live-schemas.ts";

const tag = "models";
const params = z.object({ name: textSchema({ max: 64 }) });
/** Standard normal quantile of 0.975. */
const INTERVAL_Z = 1.96;

export interface LiveRouteDeps {
  db: Database;
  horizon: Horizon;
  rollback: { enabled: boolean; confidence: number; minFailures: number };
}

export function liveModelRoutes({ db, horizon, rollback }: LiveRouteDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/models/{name}/performance",
      operationId: "getModelPerformance",
      tag,
      summary: "What the champion's predictions turned out to be worth",
      description:
        "Of the failure predictor, at the primary horizon. An outcome is known a horizon and the allowed lateness after the prediction.",
      params,
      problems: [404],
      responses: { 200: { description: "What is known now", schema: performanceSchema } },
      async handle({ params: { name } }) {
        requirePredictor(name);
        return ok(await readPerformance(db, horizon, rollback));
      },
    }),
    defineRoute({
      method: "get",
      path: "/models/{name}/shadow",
      operationId: "getModelShadow",
      tag,
      summary: "Versions that nobody is shown, beside the one that serves",
      description:
        "Versions under `shadow` and `challenger` answer at the end of every window from the same vectors as the champion; their answers are stored and shown nowhere else. Losses are compared on the same predictions once outcomes are known. To promote one, point `champion` at it.",
      params,
      problems: [404],
      responses: { 200: { description: "One comparison for each alias in use", schema: comparisonsSchema } },
      async handle({ params: { name } }) {
        requirePredictor(name);
        const { hidden } = await readWatchState(db, horizon);
        const items = [];
        for (const alias of HIDDEN_ALIASES) {
          const watch = hidden[alias];
          if (watch !== undefined) items.push(await compare(db, alias, watch, horizon, rollback.confidence));
        }
        return ok({ items });
      },
    }),
    defineRoute({
      method: "get",
      path: "/models/{name}/drift",
      operationId: "getModelDrift",
      tag,
      summary: "Whether the model's world has changed since it was trained",
      params,
      problems: [404],
      responses: { 200: { description: "The newest verdict of each signal", schema: driftSchema } },
      async handle({ params: { name } }) {
        requireModel(name);
        const signals = await readDriftSignals(db, name);
        return ok({
          drifting: signals.some(({ drifting }) => drifting),
          signals: signals.map(({ name: _, atMs, driftingSinceMs, ...signal }) => ({
            ...signal,
            at: toTimestamp(atMs),
            driftingSince: driftingSinceMs === null ? null : toTimestamp(driftingSinceMs),
          })),
        });
      },
    }),
  ];
}

function requireModel(name: string): void {
  if (!SERVED_MODELS.includes(name)) throw new HarbingerError("NOT_FOUND", `there is no model called ${name}`);
}

function requirePredictor(name: string): void {
  requireModel(name);
  if (name === FAILURE_PREDICTOR) return;
  throw new HarbingerError("NOT_FOUND", `outcomes are only known of predictions: ${name} makes none`);
}

async function readPerformance(
  db: Database,
  horizon: Horizon,
  { enabled, confidence, minFailures }: LiveRouteDeps["rollback"],
): Promise<z.input<typeof performanceSchema>> {
  const { champion } = await readWatchState(db, horizon);
  if (champion === null) {
    return { version: null, since: null, outcomes: 0, failures: 0, known: null, rollback: null };
  }
  const { version, sinceMs, rows, failures, reliability } = champion;
  const seen = await compareOutcomes(db, { version, against: BASE_RATE, sinceMs: blockOf(sinceMs, horizon) });
  return {
    ...{ version, since: toTimestamp(sinceMs), outcomes: rows, failures },
    known:
      seen === null || rows === 0
        ? null
        : {
            positiveShare: seen.positives / seen.rows,
            meanProbability: seen.probability,
            ...{ brier: seen.brier, baseRateBrier: seen.againstBrier, brierSkill: 1 - seen.brier / seen.againstBrier },
            ...{ logLoss: seen.logLoss, calibrationError: reliabilityError(reliability) },
            brierDifference: presentDifference(seen.brierDifference),
          },
    rollback: {
      enabled,
      minFailures,
      worseThanBaseRate: { pValue: evidencePValue(champion.baseRateBetter), confidence },
    },
  };
}

async function compare(
  db: Database,
  alias: HiddenAlias,
  watch: HiddenWatch,
  horizon: Horizon,
  confidence: number,
): Promise<z.input<typeof comparisonSchema>> {
  const { version, sinceMs, rows, failures } = watch;
  const against = watch.against ?? BASE_RATE;
  const seen = await compareOutcomes(db, { version, against, sinceMs: blockOf(sinceMs, horizon) });
  return {
    ...{ alias, version, against, since: toTimestamp(sinceMs), outcomes: rows, failures },
    verdict: shadowVerdict(watch, confidence),
    better: { pValue: evidencePValue(watch.better), confidence },
    worse: { pValue: evidencePValue(watch.worse), confidence },
    scores:
      seen === null || rows === 0
        ? null
        : {
            version: { brier: seen.brier, logLoss: seen.logLoss },
            against: { brier: seen.againstBrier, logLoss: seen.againstLogLoss },
            brierDifference: presentDifference(seen.brierDifference),
            logLossDifference: presentDifference(seen.logLossDifference),
          },
  };
}

function presentDifference(sums: ClusterSums): z.input<typeof differenceSchema> {
  const sure = clusteredMean(sums);
  const mean = sums.sum / sums.rows;
  if (sure === null) return { mean, standardError: null, lower: null, upper: null };
  const { standardError } = sure;
  return { mean, standardError, lower: mean - INTERVAL_Z * standardError, upper: mean + INTERVAL_Z * standardError };
}

function blockOf(atMs: number, { horizonMs }: Horizon): number {
  return Math.floor(atMs / horizonMs) * horizonMs;
}
