/** Puts together what a prediction says from what was known and what the model or the base rates answered. Pure. */
import { describeProbability } from "../../../models/describe-probability.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import type { HorizonForecast } from "../../../models/predictor/predict.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import { formatDuration } from "../../platform/config/parsers.ts";
import type { OnsetCounts } from "../../platform/store/risk-reads.ts";
import { recommendActions } from "./advice.ts";
import type { KnownThen } from "./known-then.ts";
import { pastFailures } from "./past-failures.ts";
import type { Answer, Asked, HorizonRisk, Prediction, PredictionState } from "./prediction.ts";
import type { ModelAnswer } from "./run-model.ts";

export type Forecasted =
  | ({ step: "model" } & ModelAnswer)
  | { step: "prior"; horizons: HorizonForecast[]; fleet: OnsetCounts; service: OnsetCounts };

export interface Ingredients {
  asked: Asked;
  known: KnownThen;
  forecasted: Forecasted;
  /** the champion, whether or not it could answer this one */
  model: { version: string; manifest: PredictorManifest; trainedThroughMs: EpochMs | null } | null;
  windowSizeMs: number;
  riskThreshold: number;
}

const PAST_SHOWN = 5;
/** A vector this many windows old says more about then than about the moment that was asked about. */
const STALE_AFTER_WINDOWS = 5;

export function composeAnswer(ingredients: Ingredients): Answer {
  const { asked, known, forecasted, model, windowSizeMs, riskThreshold } = ingredients;
  const { service, query, explainedHorizonMs } = asked;
  const lastWindow = service === null ? undefined : known.lastWindows.get(service.id);
  const horizons = horizonsOf(forecasted, windowSizeMs);
  const explained = horizons.find(({ horizonMs }) => horizonMs === explainedHorizonMs);
  const classes = forecasted.step === "model" ? forecasted.forecast.expectedClasses : [];
  const attribution = forecasted.step === "model" ? forecasted.attribution : null;
  const answering = forecasted.step === "model" ? model : null;
  const past = service === null ? [] : pastFailures(service.id, known, answering?.manifest ?? null);
  return {
    service: service === null ? unknownIdentity(asked) : identityOf(service),
    model: {
      name: answering === null ? "base-rate" : "failure-predictor",
      version: answering?.version ?? null,
      state: stateOf(forecasted, lastWindow !== undefined),
    },
    step: forecasted.step,
    horizons,
    confidence: explained?.confidence ?? 0,
    failingNow: lastWindow?.failed ?? null,
    predictedErrorClasses: classes,
    timeWindow: timeWindowOf(forecasted, windowSizeMs),
    explanation: !query.explain
      ? null
      : {
          sentence: attribution?.sentence ?? baseRateSentence(forecasted, explained, asked),
          horizonMs: explainedHorizonMs,
          attribution,
          baseRate: forecasted.step === "prior" ? { fleet: forecasted.fleet, service: forecasted.service } : null,
          nearestPast: past.slice(0, PAST_SHOWN),
        },
    recommendedActions: recommendActions({
      risk: explained?.probability ?? 0,
      threshold: riskThreshold,
      expectedClasses: classes,
      attribution,
      past,
    }),
    windowEndMs: forecasted.step === "model" ? forecasted.windowEndMs : (lastWindow?.endMs ?? null),
    modelTrainedThroughMs: answering?.trainedThroughMs ?? null,
    notes: notesOf(asked, forecasted, model !== null, lastWindow?.failed ?? null),
  };
}

/** Gives an answer once: under an id of its own, as of one moment. */
export function givePrediction(
  answer: Answer,
  given: { id: string; atMs: EpochMs; madeAtMs: EpochMs },
  windowSizeMs: number,
): Prediction {
  return {
    ...given,
    step: answer.step,
    answer,
    modelSawLater: sawLater(answer, given.atMs),
    notes: [...answer.notes, ...stalenessNotes(answer, given.atMs, windowSizeMs)],
  };
}

function sawLater({ step, modelTrainedThroughMs }: Answer, atMs: EpochMs): boolean | null {
  if (step === "prior") return false;
  return modelTrainedThroughMs === null ? null : modelTrainedThroughMs > atMs;
}

function stateOf(forecasted: Forecasted, hasHistory: boolean): PredictionState {
  if (forecasted.step === "model") return "ready";
  return hasHistory ? "warming" : "prior";
}

function horizonsOf(forecasted: Forecasted, windowSizeMs: number): HorizonRisk[] {
  const horizons = forecasted.step === "model" ? forecasted.forecast.horizons : forecasted.horizons;
  return horizons.map(({ horizonWindows, probability, lower, upper, confidence }) => ({
    horizonMs: horizonWindows * windowSizeMs,
    probability,
    lower,
    upper,
    confidence,
  }));
}

/** Counted from the end of the newest window that was read, which is where the model stands. */
function timeWindowOf(forecasted: Forecasted, windowSizeMs: number): Answer["timeWindow"] {
  if (forecasted.step === "prior") return null;
  const { windowEndMs, forecast } = forecasted;
  const { fromWindows, toWindows, mass } = forecast.timeWindow;
  return { fromMs: windowEndMs + fromWindows * windowSizeMs, toMs: windowEndMs + toWindows * windowSizeMs, mass };
}

function baseRateSentence(forecasted: Forecasted, explained: HorizonRisk | undefined, { query }: Asked): string {
  if (forecasted.step === "model" || explained === undefined) return "";
  const { fleet, service } = forecasted;
  const chance = describeProbability(explained.probability);
  const own =
    service.windows === 0
      ? `Nothing is known yet about ${query.service.name}`
      : `${query.service.name} began to fail in ${service.onsets} of ${service.windows} windows`;
  const all =
    fleet.windows === 0
      ? "nor about any other service: this is the built-in prior"
      : `all services together in ${fleet.onsets} of ${fleet.windows}`;
  return `${chance} chance that a failure begins within ${formatDuration(explained.horizonMs)}, from base rates alone: ${own}, ${all}.`;
}

function notesOf(
  { service, query }: Asked,
  forecasted: Forecasted,
  hasModel: boolean,
  failing: boolean | null,
): string[] {
  const notes: string[] = [];
  if (service === null) {
    notes.push(
      `No telemetry has arrived from a service called ${query.service.name}: this is what holds for any service, and it is not stored.`,
    );
  } else if (forecasted.step === "prior") {
    notes.push(
      hasModel
        ? "The champion model has no feature vector of this service to read: base rates answer."
        : "No model has passed the gate yet: base rates answer.",
    );
  }
  if (failing === true)
    notes.push("The service is failing already; the risk is that of a new failure after it recovers.");
  return notes;
}

function stalenessNotes({ windowEndMs }: Answer, atMs: EpochMs, windowSizeMs: number): string[] {
  if (windowEndMs === null || atMs - windowEndMs <= STALE_AFTER_WINDOWS * windowSizeMs) return [];
  const ago = formatDuration(wholeSeconds(atMs - windowEndMs));
  return [`The newest window of this service ended ${ago} before that moment.`];
}

function wholeSeconds(ms: number): number {
  return Math.max(1000, Math.round(ms / 1000) * 1000);
}

function identityOf({ namespace, name, environment }: Answer["service"]): Answer["service"] {
  return { namespace, name, environment };
}

function unknownIdentity({ query: { service } }: Asked): Answer["service"] {
  return { namespace: service.namespace ?? "", name: service.name, environment: service.environment ?? "" };
}
