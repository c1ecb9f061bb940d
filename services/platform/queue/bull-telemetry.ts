/** BullMQ's own metrics and traces, on our meter and tracer provider. `bullmq-otel` speaks to the global providers only; metrics go to
 *  the meter that is passed in, so that two platforms in one process do not mix theirs.
 *
 *  What differs from `bullmq-otel`: instruments are kept, not looked up for each job; a job's name is no attribute (schedules name
 *  their jobs, and operators name schedules); a worker's idle polling makes no traces; a failed job's span has status ERROR. */
import {
  type Attributes,
  type Context,
  context as contextApi,
  type Meter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Meter as BullMeter, Tracer as BullTracer, Telemetry } from "bullmq";
import { BullMQOTelSpan, BullMQOtel } from "bullmq-otel";

export interface BullTelemetryOptions {
  meter: Meter;
  /** spans for jobs, from `add` to `process` in whatever process; without it the trace context does not travel with the job either */
  traced: boolean;
}

export function createBullTelemetry({ meter, traced }: BullTelemetryOptions): Telemetry {
  return { ...(traced ? tracing() : NOT_TRACING), meter: keepInstruments(meter) };
}

const JOB_NAME = "bullmq.job.name";
const DURATION_UNIT = "ms";
/** 1 ms to 10 min: telemetry jobs take milliseconds, training jobs minutes */
const DURATION_BUCKETS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 600_000,
];

function keepInstruments(meter: Meter): BullMeter {
  const counters = new Map<string, ReturnType<BullMeter["createCounter"]>>();
  const histograms = new Map<string, ReturnType<BullMeter["createHistogram"]>>();
  const gauges = new Map<string, ReturnType<BullMeter["createGauge"]>>();
  return {
    createCounter: (name, options) =>
      keep(counters, name, () => {
        const counter = meter.createCounter(name, options);
        return { add: (value, attributes) => counter.add(value, withoutJobName(attributes)) };
      }),
    createHistogram: (name, options) =>
      keep(histograms, name, () => {
        const advice = options?.unit === DURATION_UNIT ? { explicitBucketBoundaries: DURATION_BUCKETS_MS } : {};
        const histogram = meter.createHistogram(name, { ...options, advice });
        return { record: (value, attributes) => histogram.record(value, withoutJobName(attributes)) };
      }),
    createGauge: (name, options) =>
      keep(gauges, name, () => {
        const gauge = meter.createGauge(name, options);
        return { record: (value, attributes) => gauge.record(value, withoutJobName(attributes)) };
      }),
  };
}

function keep<T>(known: Map<string, T>, name: string, create: () => T): T {
  const found = known.get(name) ?? create();
  known.set(name, found);
  return found;
}

function withoutJobName(attributes: Attributes = {}): Attributes {
  const { [JOB_NAME]: _name, ...rest } = attributes;
  return rest;
}

function tracing(): Pick<Telemetry<Context>, "tracer" | "contextManager"> {
  const { contextManager } = new BullMQOtel();
  const tracer = trace.getTracer("bullmq");
  return {
    tracer: {
      startSpan: (name, options, parent) => {
        const kind: SpanKind = options?.kind ?? SpanKind.INTERNAL;
        const isAlone = trace.getSpan(parent ?? contextApi.active()) === undefined;
        // Polling, lock extension and looking for stalled jobs belong to no job.
        if (kind === SpanKind.INTERNAL && isAlone) return SILENT_SPAN;
        return new JobSpan(tracer.startSpan(name, { kind }, parent));
      },
    },
    // `root` detaches BullMQ's endless loops from the span in which they were started.
    contextManager: Object.assign(contextManager, { root: () => ROOT_CONTEXT }),
  };
}

class JobSpan extends BullMQOTelSpan {
  override addEvent(...event: Parameters<BullMQOTelSpan["addEvent"]>): void {
    super.addEvent(...event);
    if (event[0] === "job failed") this.span.setStatus({ code: SpanStatusCode.ERROR });
  }

  override recordException(...exception: Parameters<BullMQOTelSpan["recordException"]>): void {
    super.recordException(...exception);
    this.span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

const SILENT_SPAN: ReturnType<BullTracer<Context>["startSpan"]> = {
  setSpanOnContext: (context) => context,
  setAttribute: () => {},
  setAttributes: () => {},
  addEvent: () => {},
  recordException: () => {},
  end: () => {},
};

/** BullMQ has no metrics without a tracer. An empty text for the context keeps it out of the job. */
const NOT_TRACING: Pick<Telemetry<Context>, "tracer" | "contextManager"> = {
  tracer: { startSpan: () => SILENT_SPAN },
  contextManager: {
    with: (_context, work) => work(),
    active: () => ROOT_CONTEXT,
    getMetadata: () => "",
    fromMetadata: (active) => active,
  },
};
