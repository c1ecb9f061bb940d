/** One request's bytes become one TelemetryBatch: normal records add to the deltas of their service and window, errors are kept whole.
 *  Both encodings run through the same sinks, so they mean the same. */
import { type BatchBuilder, type BatchOptions, createBatchBuilder } from "./batch-builder.ts";
import { type BatchLimits, DEFAULT_BATCH_LIMITS } from "./batch-limits.ts";
import { boundKey } from "./bounded-text.ts";
import { createDecodeCache, type DecodeCache } from "./decode-cache.ts";
import { errorOfLog, errorsOfSpan } from "./error-records.ts";
import { readJsonLogs } from "./json-logs.ts";
import { readJsonMetrics } from "./json-metrics.ts";
import { readJsonTraces } from "./json-traces.ts";
import { createMemo } from "./memo.ts";
import { readProtobufLogs } from "./protobuf-logs.ts";
import { readProtobufMetrics } from "./protobuf-metrics.ts";
import { readProtobufTraces } from "./protobuf-traces.ts";
import type { LogSink, PointSink, SpanFacts, SpanSink } from "./record-source.ts";
import type { Signal, TelemetryBatch } from "./records.ts";
import { createRatioPairs, measure } from "./saturation.ts";
import { SEVERITY_ERROR, SPAN_KIND, STATUS_CODE } from "./semconv.ts";
import { durationMs } from "./unix-nano.ts";

export type Encoding = "protobuf" | "json";

export type SummariseOptions = Omit<BatchOptions, "limits"> & {
  limits?: Partial<BatchLimits>;
  /** kept by one who reads many requests; one request makes its own */
  cache?: DecodeCache;
};

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
  const { batch, cache } = begin("traces", options);
  const read = encoding === "protobuf" ? readProtobufTraces : readJsonTraces;
  read(body, spanSink(batch, cache), cache.texts);
  return batch.build();
}

/** @throws TelemetryDecodeError */
export function summariseLogs(body: Uint8Array, encoding: Encoding, options: SummariseOptions): TelemetryBatch {
  const { batch, cache } = begin("logs", options);
  const read = encoding === "protobuf" ? readProtobufLogs : readJsonLogs;
  read(body, logSink(batch, cache), cache.texts);
  return batch.build();
}

/** @throws TelemetryDecodeError */
export function summariseMetrics(body: Uint8Array, encoding: Encoding, options: SummariseOptions): TelemetryBatch {
  const { batch, cache } = begin("metrics", options);
  const read = encoding === "protobuf" ? readProtobufMetrics : readJsonMetrics;
  const points = pointSink(batch, cache);
  read(body, points, cache.texts);
  points.finish();
  return batch.build();
}

function begin(signal: Signal, options: SummariseOptions): { batch: BatchBuilder; cache: DecodeCache } {
  const { cache = createDecodeCache(), ...rest } = options;
  const batch = createBatchBuilder(signal, { ...rest, limits: { ...DEFAULT_BATCH_LIMITS, ...options.limits } });
  return { batch, cache };
}

function spanSink(batch: BatchBuilder, { keptName }: DecodeCache): SpanSink {
  const { limits } = batch.options;
  // most calls go to few callees
  const calleeOf = createMemo(MAX_KNOWN_CALLEES, (peer: string) => boundKey(peer, limits.maxNameLength));
  return {
    resource: batch.enterResource,
    restart: batch.restart,
    record: (span) => {
      // a span's event time is its end
      const window = batch.admit(span.end, span.start);
      if (window === null) return;
      const isError = isFailedSpan(span);
      window.span();
      window.seen(batch.sender());
      if (span.kind === SPAN_KIND.server || span.kind === SPAN_KIND.consumer) {
        window.request({ durationMs: durationMs(span.start, span.end), isError });
      } else if (span.kind === SPAN_KIND.client || span.kind === SPAN_KIND.producer) {
        const peer = span.peer();
        const callee = peer === undefined ? null : calleeOf(peer);
        window.call({ callee, durationMs: durationMs(span.start, span.end), isError });
      }
      if (!isError && !span.hasException) return;
      const room = batch.errorRoom();
      if (room === 0) return batch.loseErrors(1);
      const whole = span.whole(room);
      const context = { sender: batch.sender(), timeMs: batch.timeMs(), limits, keptName };
      batch.addErrors(errorsOfSpan(whole, span.kind, context));
      batch.loseErrors(whole.unreadExceptions);
    },
  };
}

/** The status decides. Where a server left it unset, an answer of 5xx is an error too: the conventions ask servers to set it then,
 *  and older instrumentations do not. */
function isFailedSpan(span: SpanFacts): boolean {
  if (span.statusCode === STATUS_CODE.error) return true;
  return span.statusCode === STATUS_CODE.unset && span.kind === SPAN_KIND.server && span.httpStatusCode() >= 500;
}

function logSink(batch: BatchBuilder, { keptName }: DecodeCache): LogSink {
  const { limits } = batch.options;
  return {
    resource: batch.enterResource,
    restart: batch.restart,
    record: (log) => {
      const window = batch.admit(log.time, log.observedTime);
      if (window === null) return;
      const { severityNumber } = log;
      const isError = severityNumber >= SEVERITY_ERROR || log.hasException;
      window.log({ severityNumber, isError });
      window.seen(batch.sender());
      if (!isError) return;
      if (batch.errorRoom() === 0) return batch.loseErrors(1);
      const context = { sender: batch.sender(), timeMs: batch.timeMs(), limits, keptName };
      batch.addErrors([errorOfLog(log.whole(), severityNumber, context)]);
    },
  };
}

const MAX_KNOWN_CALLEES = 1_000;
const MAX_RATIO_PAIRS = 10_000;

function pointSink(batch: BatchBuilder, { metricMeaning }: DecodeCache): PointSink & { finish(): void } {
  const { maxNameLength } = batch.options.limits;
  const ratios = createRatioPairs(MAX_RATIO_PAIRS);
  return {
    resource: (attributes) => {
      // usage and limit belong together within one resource only
      ratios.flush();
      batch.enterResource(attributes);
    },
    restart: () => {
      ratios.clear();
      batch.restart();
    },
    record: (point) => {
      const window = batch.admit(point.time, point.time);
      if (window === null) return;
      window.metricPoint();
      window.seen(batch.sender());
      const measurement = measure(point, metricMeaning(point.metricName), maxNameLength);
      if (measurement === null) return;
      if (measurement.isGauge) window.gauge(measurement.gauge, measurement.value);
      if (measurement.ratio === null) return;
      ratios.add(String(batch.timeMs()), measurement, window.gauge.bind(window));
    },
    finish: ratios.flush,
  };
}
