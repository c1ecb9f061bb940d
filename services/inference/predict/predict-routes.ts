import type { z } from "zod";
import { formatDuration } from "../../platform/config/parsers.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { toTimestamp } from "../http/schemas.ts";
import { toServiceQuery } from "../services/service-reference.ts";
import {
  type predictionSchema,
  type predictOneSchema,
  predictReplySchema,
  predictRequestSchema,
} from "./predict-schemas.ts";
import type { PredictService } from "./predict-service.ts";
import type { Prediction, PredictionExplanation, PredictQuery } from "./prediction.ts";

export function predictRoutes(service: PredictService): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/predict",
      operationId: "predict",
      tag: "prediction",
      summary: "Which service is about to fail, and why?",
      description:
        "One query, or `requests` with up to 1 000. A service without a history gets the base rate with `state: prior`, never a silent 0. `at` asks as of a past moment; `asOf` says what the answer rests on. Answers are kept, so that feedback can say what became of them.",
      body: predictRequestSchema,
      responses: {
        200: { description: "One prediction, or `predictions` in the order of `requests`", schema: predictReplySchema },
      },
      async handle({ body }) {
        if ("requests" in body) {
          const paths = body.requests.map((_, index) => `body.requests[${index}]`);
          return ok({ predictions: (await service.predict(body.requests.map(toQuery), paths)).map(present) });
        }
        const [prediction] = await service.predict([toQuery(body)], ["body"]);
        return ok(prediction === undefined ? undefined : present(prediction));
      },
    }),
  ];
}

function toQuery(body: z.output<typeof predictOneSchema>): PredictQuery {
  return {
    service: toServiceQuery(body.service, body.environment),
    atMs: body.at,
    horizonsMs: body.horizons,
    explain: body.explain,
  };
}

function present(prediction: Prediction): z.input<typeof predictionSchema> {
  const { id, service, model, step, confidence, failingNow, predictedErrorClasses, recommendedActions, notes } =
    prediction;
  const { asOf, timeWindow } = prediction;
  return {
    id,
    service,
    at: toTimestamp(prediction.atMs),
    madeAt: toTimestamp(prediction.madeAtMs),
    model,
    step,
    horizons: prediction.horizons.map(({ horizonMs, probability, lower, upper }) => ({
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
    explanation: prediction.explanation === null ? null : presentExplanation(prediction.explanation),
    recommendedActions,
    asOf: {
      at: toTimestamp(prediction.atMs),
      windowEnd: optional(asOf.windowEndMs),
      modelTrainedThrough: optional(asOf.modelTrainedThroughMs),
      modelSawLater: asOf.modelSawLater,
    },
    notes,
  };
}

function presentExplanation(explanation: PredictionExplanation): z.input<typeof predictionSchema>["explanation"] {
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
    nearestPast: nearestPast.map(({ startMs, endMs, kind, title, class: errorClass }) => ({
      start: toTimestamp(startMs),
      end: optional(endMs),
      kind,
      title,
      class: errorClass,
    })),
  };
}

function optional(ms: number | null): string | null {
  return ms === null ? null : toTimestamp(ms);
}
