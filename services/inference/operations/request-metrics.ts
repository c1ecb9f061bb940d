/** The API's own measurements. Names and units are OpenTelemetry's where it has one. */
import { performance } from "node:perf_hooks";
import type { Meter } from "@opentelemetry/api";
import type { NextFunction, Request, Response } from "express";
import type { Prediction } from "../predict/prediction.ts";

export interface InferenceMetrics {
  /** Express middleware */
  observeRequest(request: Request, response: Response, next: NextFunction): void;
  /** Measures a call of `/predict`, however many predictions it makes. */
  observePredict(run: () => Promise<readonly Prediction[]>): Promise<readonly Prediction[]>;
  countLabel(kind: "class" | "outcome"): void;
}

export function createInferenceMetrics(meter: Meter): InferenceMetrics {
  const requests = meter.createHistogram("http.server.request.duration", {
    unit: "s",
    description: "Duration of HTTP server requests",
  });
  const predictDuration = meter.createHistogram("harbinger.predict.duration", {
    unit: "s",
    description: "Time to answer a request for predictions",
  });
  const predictions = meter.createCounter("harbinger.predictions", {
    unit: "{prediction}",
    description: "Predictions given by the API, by the rung of the ladder that answered",
  });
  const labels = meter.createCounter("harbinger.feedback.labels", {
    unit: "{label}",
    description: "Judgements by operators",
  });
  return {
    observeRequest(request, response, next) {
      const startMs = performance.now();
      response.once("finish", () => {
        const route: unknown = response.locals.route;
        requests.record((performance.now() - startMs) / 1000, {
          "http.request.method": KNOWN_METHODS.has(request.method) ? request.method : "_OTHER",
          "http.route": typeof route === "string" ? route : "_OTHER",
          "http.response.status_code": response.statusCode,
        });
      });
      next();
    },
    async observePredict(run) {
      const startMs = performance.now();
      const answered = await run();
      predictDuration.record((performance.now() - startMs) / 1000);
      for (const { step, answer } of answered) {
        predictions.add(1, { "harbinger.step": step, "harbinger.state": answer.model.state });
      }
      return answered;
    },
    countLabel: (kind) => labels.add(1, { "harbinger.label.kind": kind }),
  };
}

/** Anything else would let callers make as many series as they like. */
const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);
