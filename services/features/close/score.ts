/** The risk of every service at the end of a window: the champion in a few runs, base rates where there is none. */
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { type Forecast, type HorizonForecast, predict } from "../../../models/predictor/predict.ts";
import { type OnsetRecord, priorPrediction } from "../../../models/predictor/prior.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import { type ModelSlot, type ServedModel, servedModel } from "../../platform/serving/model-slot.ts";
import type { PredictionRow } from "../../platform/store/predictions-store.ts";

export interface Scored {
  serviceId: number;
  vector: Float32Array;
  failed: boolean | null;
}

export interface ScoreDeps {
  predictor(): ModelSlot<PredictorManifest>;
  windowSizeMs: number;
  /** ascending, multiples of the window size */
  horizonsMs: readonly number[];
  primaryHorizonMs: number;
  logger: Logger;
  onFallback(): void;
}

/** What a prediction says, before it has an id. */
export type Score = Omit<PredictionRow, "id" | "madeAtMs" | "source">;

const MODEL_NAME = "failure-predictor";
const PRIOR_NAME = "base-rate";
/** Some milliseconds of encoding and reading, in which nothing else gets its turn. */
const SCORED_AT_ONCE = 500;

/** The model that can read our vectors, if there is one. */
function usableModel(deps: Pick<ScoreDeps, "predictor" | "windowSizeMs">): ServedModel<PredictorManifest> | null {
  const served = servedModel(deps.predictor());
  if (served === null) return null;
  const { specHash, windowSizeMs } = served.manifest;
  return specHash === FEATURE_SPEC.hash && windowSizeMs === deps.windowSizeMs ? served : null;
}

/** @param baseRates asked only when base rates must answer */
export async function scoreServices(
  rows: readonly Scored[],
  atMs: EpochMs,
  baseRates: () => Promise<{ fleet: OnsetRecord; serviceOf(id: number): OnsetRecord }>,
  deps: ScoreDeps,
): Promise<Score[]> {
  const model = usableModel(deps);
  const horizonsWindows = deps.horizonsMs.map((horizonMs) => horizonMs / deps.windowSizeMs);
  if (model !== null) {
    try {
      const { session, manifest } = model;
      const forecasts: Forecast[] = [];
      for (let from = 0; from < rows.length; from += SCORED_AT_ONCE) {
        const vectors = rows.slice(from, from + SCORED_AT_ONCE).map((row) => row.vector);
        forecasts.push(...(await predict(session, manifest, vectors, horizonsWindows)));
      }
      if (!forecasts.every(isSound)) throw new HarbingerError("BUG", "the predictor answered with no probability");
      // One forecast per row.
      return rows.map((row, index) => modelScore(row, forecasts[index]!, model.version, atMs, deps));
    } catch (error) {
      // Windows close whatever the model does; the answers say that base rates gave them.
      deps.onFallback();
      deps.logger.warn({ err: error, version: model.version }, "the champion failed on a window: base rates answer");
    }
  }
  const { fleet, serviceOf } = await baseRates();
  // Most services have the same short record, and quantiles cost.
  const answers = new Map<string, ReturnType<typeof answerOf>>();
  return rows.map((row) => {
    const service = serviceOf(row.serviceId);
    const key = `${service.onsets} ${service.windows}`;
    const answer = answers.get(key) ?? answerOf(priorPrediction({ fleet, service }, horizonsWindows), deps);
    answers.set(key, answer);
    const state = service.windows > 0 ? "warming" : "prior";
    return {
      ...{ serviceId: row.serviceId, atMs, ...answer },
      modelName: PRIOR_NAME,
      modelVersion: null,
      state,
      detail: { failing: row.failed, expectedClasses: [], timeWindow: null },
    };
  });
}

function isSound({ horizons }: Forecast): boolean {
  return horizons.every(({ probability, lower, upper }) => lower >= 0 && lower <= probability && probability <= upper);
}

function modelScore(row: Scored, forecast: Forecast, version: string, atMs: EpochMs, deps: ScoreDeps): Score {
  const { fromWindows, toWindows, mass } = forecast.timeWindow;
  return {
    ...{ serviceId: row.serviceId, atMs, ...answerOf(forecast.horizons, deps) },
    modelName: MODEL_NAME,
    modelVersion: version,
    state: "ready",
    detail: {
      failing: row.failed,
      expectedClasses: forecast.expectedClasses,
      timeWindow: {
        fromMs: atMs + fromWindows * deps.windowSizeMs,
        toMs: atMs + toWindows * deps.windowSizeMs,
        mass,
      },
    },
  };
}

function answerOf(horizons: readonly HorizonForecast[], deps: ScoreDeps): Pick<Score, "horizons" | "confidence"> {
  const primary = horizons.find((one) => one.horizonWindows * deps.windowSizeMs === deps.primaryHorizonMs);
  return {
    horizons: horizons.map(({ horizonWindows, probability, lower, upper }) => ({
      horizonMs: horizonWindows * deps.windowSizeMs,
      probability,
      lower,
      upper,
    })),
    confidence: primary?.confidence ?? null,
  };
}
