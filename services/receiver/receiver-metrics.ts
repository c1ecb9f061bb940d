/** What the receiver tells of itself. */
import type { Meter } from "@opentelemetry/api";
import type { Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import type { Encoding } from "../../models/telemetry/summarise.ts";
import type { ByteBudget } from "./byte-budget.ts";

export interface ReceiverMetrics {
  /** a request was answered; its signal is unknown when its path is */
  answered(request: { signal: Signal | null; status: number; durationMs: number }): void;
  /** a batch was acknowledged */
  accepted(batch: TelemetryBatch, bodyBytes: number, encoding: Encoding): void;
}

export function createReceiverMetrics(meter: Meter, budget: ByteBudget): ReceiverMetrics {
  const requests = meter.createCounter("harbinger.receiver.requests", {
    unit: "{request}",
    description: "OTLP requests answered, by status",
  });
  const records = meter.createCounter("harbinger.receiver.records", {
    unit: "{record}",
    description: "spans, log records and data points, accepted or rejected with the reason",
  });
  const losses = meter.createCounter("harbinger.receiver.losses", {
    unit: "{record}",
    description: "records accepted with a loss of detail because a bound on one request was reached",
  });
  const bytes = meter.createCounter("harbinger.receiver.io", {
    unit: "By",
    description: "bodies of acknowledged requests after decompression",
  });
  const acknowledgement = meter.createHistogram("harbinger.receiver.acknowledgement.duration", {
    unit: "s",
    description: "from the request's head to its answer",
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  meter
    .createObservableGauge("harbinger.receiver.in_flight", { unit: "By", description: "bodies being worked on" })
    .addCallback((result) => result.observe(budget.inUse()));

  return {
    answered: ({ signal, status, durationMs }) => {
      const attributes = { "harbinger.signal": signal ?? "unknown", "http.response.status_code": status };
      requests.add(1, attributes);
      if (status < 300) acknowledgement.record(durationMs / 1000, { "harbinger.signal": signal ?? "unknown" });
    },
    accepted: (batch, bodyBytes, encoding) => {
      const signal = { "harbinger.signal": batch.signal };
      bytes.add(bodyBytes, { ...signal, "harbinger.encoding": encoding });
      let rejected = 0;
      for (const [reason, count] of Object.entries(batch.rejected)) {
        rejected += count;
        records.add(count, { ...signal, "harbinger.outcome": "rejected", "harbinger.reason": reason });
      }
      records.add(batch.recordCount - rejected, { ...signal, "harbinger.outcome": "accepted" });
      for (const [kind, count] of Object.entries(batch.losses ?? {})) {
        losses.add(count, { ...signal, "harbinger.reason": kind });
      }
    },
  };
}
