/** One request's bytes become one TelemetryBatch: normal records add to the deltas of their service and window, errors are kept whole.
 *  Both encodings run through the same sinks, so they mean the same. */
import type { WindowBuilder } from "../windows/window-builder.ts";
import { type BatchBuilder, type BatchOptions, createBatchBuilder } from "./batch-builder.ts";
import { type BatchLimits, DEFAULT_BATCH_LIMITS } from "./batch-limits.ts";
import { boundKey } from "./bounded-text.ts";
import { errorOfLog, errorsOfSpan } from "./error-records.ts";
import { readJsonLogs } from "./json-logs.ts";
import { readJsonMetrics } from "./json-metrics.ts";
import { readJsonTraces } from "./json-traces.ts";
import { readProtobufLogs } from "./protobuf-logs.ts";
import { readProtobufMetrics } from "./protobuf-metrics.ts";
import { readProtobufTraces } from "./protobuf-traces.ts";
import type { LogSink, PointSink, RecordSink, SpanFacts, SpanSink } from "./record-source.ts";
import type { Signal, TelemetryBatch } from "./records.ts";
import { createRatioPairs, measure } from "./saturation.ts";
import { SEVERITY_ERROR, SPAN_KIND, STATUS_CODE } from "./semconv.ts";
import { durationMs } from "./unix-nano.ts";

export type Encoding = "protobuf" | "json";

export type SummariseOptions = Omit<BatchOptions, "limits"> & { limits?: Partial<BatchLimits> };

/** @param body decompressed Export{Trace,Logs,Metrics}ServiceRequest @throws TelemetryDecodeError when it is not one */
export function summarise(
  signal: Signal,
  body: Uint8Array,
  encoding: Encoding,
  options: SummariseOptions,
): TelemetryBatch {
  if (signal === "traces") return summariseTraces(body, encoding, options);
  return signal === "logs" ? summariseLogs(body, encoding, options) : summariseMetrics(body, encoding, options);
}

/** @throws TelemetryDecodeError */
export function summariseTraces(body: Uint8Array, encoding: Encoding, options: SummariseOptions): TelemetryBatch {
  const batch = createBatchBuilder("traces", withLimits(options));
  const read = encoding === "protobuf" ? readProtobufTraces : readJsonTraces;
  read(body, spanSink(batch));
  return batch.build();
}

/** @throws TelemetryDecodeError */
export function summariseLogs(body: Uint8Array, encoding: Encoding, options: SummariseOptions): TelemetryBatch {
  const batch = createBatchBuilder("logs", withLimits(options));
  const read = encoding === "protobuf" ? readProtobufLogs : readJsonLogs;
  read(body, logSink(batch));
  return batch.build();
}

/** @throws TelemetryDecodeError */
export function summariseMetrics(body: Uint8Array, encoding: Encoding, options: SummariseOptions): TelemetryBatch {
  const batch = createBatchBuilder("metrics", withLimits(options));
  const read = encoding === "protobuf" ? readProtobufMetrics : readJsonMetrics;
  const points = pointSink(batch);
  read(body, points);
  points.finish();
  return batch.build();
}

function withLimits(options: SummariseOptions): BatchOptions {
  return { ...options, limits: { ...DEFAULT_BATCH_LIMITS, ...options.limits } };
}

function spanSink(batch: BatchBuilder): SpanSink {
  const { limits } = batch.options;
  const callees = createCallees(limits.maxNameLength);
  return {
    resource: batch.enterResource,
    record: (span) => {
      // a span's event time is its end
      const window = batch.admit(span.end, span.start);
      if (window === null) return;
      const isError = isFailedSpan(span);
      window.span();
      countSender(batch, window);
      if (span.kind === SPAN_KIND.server || span.kind === SPAN_KIND.consumer) {
        window.request({ durationMs: durationMs(span.start, span.end), isError });
      } else if (span.kind === SPAN_KIND.client || span.kind === SPAN_KIND.producer) {
        window.call({ callee: callees(span.peer()), durationMs: durationMs(span.start, span.end), isError });
      }
      if ((isError || span.hasException) && batch.wantsError()) {
        batch.addErrors(
          errorsOfSpan(span.whole(), span.kind, { sender: batch.sender(), timeMs: batch.timeMs(), limits }),
        );
      }
    },
  };
}

/** The status decides. Where a server left it unset, an answer of 5xx is an error too: the conventions ask servers to set it then,
 *  and older instrumentations do not. */
function isFailedSpan(span: SpanFacts): boolean {
  if (span.statusCode === STATUS_CODE.error) return true;
  return span.statusCode === STATUS_CODE.unset && span.kind === SPAN_KIND.server && span.httpStatusCode() >= 500;
}

/** Most calls go to few callees: each name is bounded once. */
function createCallees(maxNameLength: number): (peer: string | undefined) => string | null {
  const known = new Map<string, string>();
  const maxKnown = 1_000;
  return (peer) => {
    if (peer === undefined) return null;
    let callee = known.get(peer);
    if (callee === undefined) {
      callee = boundKey(peer, maxNameLength);
      if (known.size < maxKnown) known.set(peer, callee);
    }
    return callee;
  };
}

function logSink(batch: BatchBuilder): LogSink {
  const { limits } = batch.options;
  return {
    resource: batch.enterResource,
    record: (log) => {
      const window = batch.admit(log.time, log.observedTime);
      if (window === null) return;
      const { severityNumber } = log;
      const isError = severityNumber >= SEVERITY_ERROR || log.hasException;
      window.log({ severityNumber, isError });
      countSender(batch, window);
      if (isError && batch.wantsError()) {
        batch.addErrors([
          errorOfLog(log.whole(), severityNumber, { sender: batch.sender(), timeMs: batch.timeMs(), limits }),
        ]);
      }
    },
  };
}

const MAX_RATIO_PAIRS = 10_000;

function pointSink(batch: BatchBuilder): PointSink & { finish(): void } {
  const { maxNameLength } = batch.options.limits;
  const ratios = createRatioPairs(MAX_RATIO_PAIRS);
  const sink: RecordSink<Parameters<PointSink["record"]>[0]> = {
    resource: (attributes) => {
      // usage and limit belong together within one resource only
      ratios.flush();
      batch.enterResource(attributes);
    },
    record: (point) => {
      const window = batch.admit(point.time, point.time);
      if (window === null) return;
      window.metricPoint();
      countSender(batch, window);
      const measurement = measure(point, maxNameLength);
      if (measurement === null) return;
      if (measurement.isGauge) window.gauge(measurement.gauge, measurement.value);
      ratios.add(String(batch.timeMs()), measurement, window.gauge.bind(window));
    },
  };
  return { ...sink, finish: ratios.flush };
}

function countSender(batch: BatchBuilder, window: WindowBuilder): void {
  window.seen(batch.sender());
}
