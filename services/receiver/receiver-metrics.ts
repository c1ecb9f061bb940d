/** What the receiver tells of itself. */
import type { Meter } from "@opentelemetry/api";
import type { Signal } from "../../models/telemetry/records.ts";
import type { Encoding } from "../../models/telemetry/summarise.ts";
import type { ByteBudget } from "./intake/byte-budget.ts";
import type { BatchFacts } from "./intake/decode-export.ts";

export interface ReceiverMetrics {
  /** a request was answered; its signal is unknown when its path is */
  answered(request: AnsweredRequest): void;
  /** a batch was acknowledged */
  accepted(batch: BatchFacts, encoding: Encoding): void;
}

interface AnsweredRequest {
  signal: Signal | null;
  transport: "http" | "grpc";
  /** HTTP status or gRPC status code */
  status: number;
  /** why it was turned away; null when it was taken */
  errorType: string | null;
  durationMs: number;
}

const STATUS_ATTRIBUTE = { http: "http.response.status_code", grpc: "rpc.response.status_code" } as const;

export function createReceiverMetrics(meter: Meter, budget: ByteBudget): ReceiverMetrics {
  const requests = meter.createCounter("harbinger.receiver.requests", {
    unit: "{request}",
    description: "OTLP requests answered, by status and by why they were turned away",
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
    answered: ({ signal, transport, status, errorType, durationMs }) => {
      const of = { "harbinger.signal": signal ?? "unknown", "harbinger.transport": transport };
      requests.add(1, { ...of, [STATUS_ATTRIBUTE[transport]]: status, ...(errorType && { "error.type": errorType }) });
      if (errorType === null) acknowledgement.record(durationMs / 1000, of);
    },
    accepted: (batch, encoding) => {
      const signal = { "harbinger.signal": batch.signal };
      bytes.add(batch.bodyBytes, { ...signal, "harbinger.encoding": encoding });
      let rejected = 0;
      for (const [reason, count] of Object.entries(batch.rejected)) {
        rejected += count;
        records.add(count, { ...signal, "harbinger.outcome": "rejected", "harbinger.reason": reason });
      }
      records.add(batch.recordCount - rejected, { ...signal, "harbinger.outcome": "accepted" });
      for (const [kind, count] of Object.entries(batch.losses)) {
        losses.add(count, { ...signal, "harbinger.reason": kind });
      }
    },
  };
}
