import type { z } from "zod";
import { defineRoute, type Reply, type Route } from "../http/route.ts";
import { toServiceQuery } from "../services/service-reference.ts";
import { type predictOneSchema, predictReplySchema, predictRequestSchema } from "./predict-schemas.ts";
import type { PredictService } from "./predict-service.ts";
import type { PredictQuery } from "./prediction.ts";
import { createPredictionWriter } from "./write-prediction.ts";

export function predictRoutes(service: PredictService): Route[] {
  const write = createPredictionWriter();
  return [
    defineRoute({
      method: "post",
      path: "/predict",
      operationId: "predict",
      tag: "prediction",
      summary: "Which service is about to fail, and why?",
      description:
        "One query, or `requests` with up to 1 000. A service without a history gets the base rate with `state: prior`, never a silent 0. `at` asks as of a past moment; `asOf` says what the answer rests on. The same question gets the same prediction, with the same id, until more becomes known. Predictions are stored, so that feedback can say what became of them.",
      body: predictRequestSchema,
      responses: {
        200: { description: "One prediction, or `predictions` in the order of `requests`", schema: predictReplySchema },
      },
      async handle({ body }) {
        if ("requests" in body) {
          const paths = body.requests.map((_, index) => `body.requests[${index}]`);
          const predictions = await service.predict(body.requests.map(toQuery), paths);
          return json(`{"predictions":[${predictions.map(write).join(",")}]}`);
        }
        const [prediction] = await service.predict([toQuery(body)], ["body"]);
        return json(write(prediction!)); // one per query
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

function json(body: string): Reply {
  return { status: 200, text: { body, contentType: "application/json; charset=utf-8" } };
}
