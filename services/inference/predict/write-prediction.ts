/** Predictions as the JSON that callers get; each is written once, however often it is given. */
import type { z } from "zod";
import { formatDuration } from "../../platform/config/parsers.ts";
import { toTimestamp } from "../http/schemas.ts";
import type { predictionSchema } from "./predict-schemas.ts";
import type { Answer, Prediction, PredictionExplanation } from "./prediction.ts";

type Written = z.input<typeof predictionSchema>;
/** What does not depend on the answer alone. */
type GivenField = "id" | "at" | "madeAt" | "step" | "asOf" | "notes";

export function createPredictionWriter(): (prediction: Prediction) => string {
  const written = new WeakMap<Prediction, string>();
  return (prediction) => {
    let text = written.get(prediction);
    if (text === undefined) {
      text = JSON.stringify({ ...presentGiven(prediction), ...presentAnswer(prediction.answer) });
      written.set(prediction, text);
    }
    return text;
  };
}

function presentGiven(prediction: Prediction): Pick<Written, GivenField> {
  const { id, atMs, madeAtMs, step, answer, modelSawLater, notes } = prediction;
  const at = toTimestamp(atMs);
  return {
    id,
    at,
    madeAt: toTimestamp(madeAtMs),
    step,
    asOf: {
      at,
      windowEnd: optional(answer.windowEndMs),
      modelTrainedThrough: optional(answer.modelTrainedThroughMs),
      modelSawLater,
    },
    notes,
  };
}

function presentAnswer(answer: Answer): Omit<Written, GivenField> {
  const { service, model, confidence, failingNow, predictedErrorClasses, recommendedActions, timeWindow } = answer;
  return {
    service,
    model,
    horizons: answer.horizons.map(({ horizonMs, probability, lower, upper }) => ({
      horizon: formatDuration(horizonMs),
      horizonMs,
      probability,
      interval: { lower, upper },
    })),
    confidence,
    failingNow,
    predictedErrorClasses,
    timeWindow:
      timeWindow === null
        ? null
        : { from: toTimestamp(timeWindow.fromMs), to: toTimestamp(timeWindow.toMs), mass: timeWindow.mass },
    explanation: answer.explanation === null ? null : presentExplanation(answer.explanation),
    recommendedActions,
  };
}

function presentExplanation(explanation: PredictionExplanation): Written["explanation"] {
  const { sentence, horizonMs, attribution, baseRate, nearestPast } = explanation;
  return {
    sentence,
    horizon: formatDuration(horizonMs),
    attribution:
      attribution === null
        ? null
        : {
            logOdds: attribution.logOdds,
            baseLogOdds: attribution.baseLogOdds,
            baseProbability: attribution.baseProbability,
            contributions: attribution.contributions,
            counterfactual: attribution.counterfactual,
          },
    baseRate,
    nearestPast: nearestPast.map(({ startMs, endMs, ...what }) => ({
      start: toTimestamp(startMs),
      end: optional(endMs),
      ...what,
    })),
  };
}

function optional(ms: number | null): string | null {
  return ms === null ? null : toTimestamp(ms);
}
