/** What a request means, as plainly as can be said: every byte is decoded by protobufjs, every record becomes an object, and the objects
 *  are added up. The readers of models/telemetry must give the same batch. Shared with them are only the rules that are no matter
 *  of decoding: who a sender is, what an error record keeps, which metrics are saturation, how numbers are rounded. */
import { scalarNumber, scalarText } from "../../models/telemetry/any-value.ts";
import { DEFAULT_BATCH_LIMITS } from "../../models/telemetry/batch-limits.ts";
import { boundKey } from "../../models/telemetry/bounded-text.ts";
import { errorOfLog, errorsOfSpan } from "../../models/telemetry/error-records.ts";
import type { MetricType } from "../../models/telemetry/record-source.ts";
import type { ErrorRecord, RejectionReason, Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import { createRatioPairs, meaningOf, measure } from "../../models/telemetry/saturation.ts";
import {
  HTTP_STATUS_ATTRIBUTES,
  isExceptionEventName,
  keptAttributeName,
  PEER_ATTRIBUTES,
} from "../../models/telemetry/semconv.ts";
import { type Sender, senderOf } from "../../models/telemetry/sender.ts";
import type { SummariseOptions } from "../../models/telemetry/summarise.ts";
import { exactDuration, exactGauge } from "../../models/windows/exact-sum.ts";
import { encodeSketch, latencyKey } from "../../models/windows/latency-sketch.ts";
import { emptyWindowStats, type WindowStats } from "../../models/windows/window-stats.ts";
import {
  anyValueOf,
  attributesOf,
  type FullLog,
  type FullMetric,
  type FullMetricData,
  type FullPoint,
  type FullSpan,
  fullGroups,
  idsOf,
  nanosOf,
  numberOf,
} from "./full-decode.ts";

const LIMITS = DEFAULT_BATCH_LIMITS;

/** @param bytes a protobuf request within all limits of a batch */
export function referenceBatch(signal: Signal, bytes: Uint8Array, options: SummariseOptions): TelemetryBatch {
  const tally = createTally(options);
  if (signal === "traces") {
    for (const { attributes, records } of fullGroups(signal, bytes))
      for (const span of records) addSpan(tally, senderOf(attributes, LIMITS), span);
  } else if (signal === "logs") {
    for (const { attributes, records } of fullGroups(signal, bytes))
      for (const log of records) addLog(tally, senderOf(attributes, LIMITS), log);
  } else {
    for (const { attributes, records } of fullGroups(signal, bytes))
      addMetrics(tally, senderOf(attributes, LIMITS), records);
  }
  return tally.batch(signal);
}

function addSpan(tally: Tally, sender: Sender, span: FullSpan): void {
  const [start, end] = [nanosOf(span.startTimeUnixNano), nanosOf(span.endTimeUnixNano)];
  const entry = tally.entry(sender, end === 0n ? start : end);
  if (entry === null) return;
  const { stats } = entry;
  const attributes = attributesOf(span.attributes);
  const exceptions = span.events.filter(({ name }) => name === "exception");
  const status = span.status?.code ?? 0;
  const [isServer, isServed] = [span.kind === 2, span.kind === 2 || span.kind === 5];
  const httpCode = HTTP_STATUS_ATTRIBUTES.map((name) => scalarNumber(attributes.get(name))).find((code) => code !== 0);
  const isError = status === 2 || (status === 0 && isServer && (httpCode ?? 0) >= 500);
  const durationMs = start === 0n || end === 0n || end < start ? 0 : exactDuration(Number(end - start) / 1e6);
  stats.spanCount += 1;
  if (isServed) {
    stats.requestCount += 1;
    stats.durationSumMs += durationMs;
    entry.durationsMs.push(durationMs);
    if (isError) stats.requestErrorCount += 1;
  }
  if (span.kind === 3 || span.kind === 4) {
    stats.callCount += 1;
    if (isError) stats.callErrorCount += 1;
    const peer = PEER_ATTRIBUTES.map((name) => scalarText(attributes.get(name))).find((text) => text !== undefined);
    if (peer !== undefined) {
      const callee = boundKey(peer, LIMITS.maxNameLength);
      const { callCount, errorCount, durationSumMs } = stats.callees[callee] ?? {
        callCount: 0,
        errorCount: 0,
        durationSumMs: 0,
      };
      stats.callees[callee] = {
        callCount: callCount + 1,
        errorCount: errorCount + Number(isError),
        durationSumMs: durationSumMs + durationMs,
      };
    }
  }
  if (!isError && exceptions.length === 0) return;
  const whole = {
    ...idsOf(span),
    name: span.name,
    statusMessage: span.status?.message ?? "",
    attributes,
    exceptions: exceptions.map((event) => attributesOf(event.attributes)),
    unreadExceptions: 0,
  };
  tally.errors.push(...errorsOfSpan(whole, span.kind, contextOf(sender, entry)));
}

function addLog(tally: Tally, sender: Sender, log: FullLog): void {
  const time = nanosOf(log.timeUnixNano);
  const entry = tally.entry(sender, time === 0n ? nanosOf(log.observedTimeUnixNano) : time);
  if (entry === null) return;
  const { stats } = entry;
  const attributes = attributesOf(log.attributes);
  const hasException =
    isExceptionEventName(log.eventName) || [...attributes.keys()].some((key) => key.startsWith("exception."));
  const isError = log.severityNumber >= 17 || hasException;
  stats.logCount += 1;
  if (isError) stats.errorLogCount += 1;
  else if (log.severityNumber >= 13) stats.warnLogCount += 1;
  if (!isError) return;
  const body = log.body === null || log.body === undefined ? undefined : anyValueOf(log.body);
  const whole = { ...idsOf(log), severityText: log.severityText, body, attributes };
  tally.errors.push(errorOfLog(whole, log.severityNumber, contextOf(sender, entry)));
}

function addMetrics(tally: Tally, sender: Sender, metrics: readonly FullMetric[]): void {
  const ratios = createRatioPairs(10_000);
  for (const metric of metrics) {
    const addAll = (metricType: MetricType, metricData: FullMetricData | null | undefined) => {
      for (const point of metricData?.dataPoints ?? [])
        addPoint(tally, sender, ratios, { metricName: metric.name, metricType, metricData: metricData!, point });
    };
    addAll("gauge", metric.gauge);
    addAll("sum", metric.sum);
    addAll("histogram", metric.histogram);
    addAll("exponential_histogram", metric.exponentialHistogram);
    addAll("summary", metric.summary);
  }
  ratios.flush();
}

function addPoint(
  tally: Tally,
  sender: Sender,
  ratios: ReturnType<typeof createRatioPairs>,
  from: { metricName: string; metricType: MetricType; metricData: FullMetricData; point: FullPoint },
): void {
  const { metricName, metricType, metricData, point } = from;
  const entry = tally.entry(sender, nanosOf(point.timeUnixNano));
  if (entry === null) return;
  entry.stats.metricPointCount += 1;
  const facts = {
    time: { ms: entry.timeMs, nanos: 0 },
    metricName,
    metricType,
    temporality: metricData.aggregationTemporality ?? 0,
    isMonotonic: metricData.isMonotonic ?? false,
    value: numberOf(point),
    count: Number(point.count ?? 0),
    sum: Object.hasOwn(point, "sum") ? Number(point.sum) : Number.NaN,
    flags: point.flags,
    attributes: () => attributesOf(point.attributes),
  };
  const measurement = measure(facts, meaningOf(metricName), LIMITS.maxNameLength);
  if (measurement === null) return;
  const emit = (gauge: string, value: number) => addGauge(entry.stats, gauge, value);
  if (measurement.isGauge) emit(measurement.gauge, measurement.value);
  ratios.add(String(entry.timeMs), measurement, emit);
}

function addGauge(stats: WindowStats, name: string, value: number): void {
  const rounded = exactGauge(value);
  if (rounded === null) return;
  const { count, sum, max } = stats.gauges[name] ?? { count: 0, sum: 0, max: Number.NEGATIVE_INFINITY };
  stats.gauges[name] = { count: count + 1, sum: sum + rounded, max: Math.max(max, rounded) };
}

interface Entry {
  stats: WindowStats;
  durationsMs: number[];
  /** of the record that was last added */
  timeMs: number;
}

interface Tally {
  errors: ErrorRecord[];
  /** the window of a record; null when it is refused @param nanos 0 when the record has no time */
  entry(sender: Sender, nanos: bigint): Entry | null;
  batch(signal: Signal): TelemetryBatch;
}

function createTally(options: SummariseOptions): Tally {
  const { batchId, receivedAtMs, windowSizeMs, maxPastMs, maxFutureMs } = options;
  const services = new Map<string, { service: Sender["service"]; windows: Map<number, Entry> }>();
  const errors: ErrorRecord[] = [];
  const rejected: Partial<Record<RejectionReason, number>> = {};
  let recordCount = 0;
  let maxEventTimeMs = Number.NEGATIVE_INFINITY;
  return {
    errors,
    entry: (sender, nanos) => {
      recordCount += 1;
      const timeMs = nanos === 0n ? receivedAtMs : Number(nanos / 1_000_000n);
      const isTooOld = timeMs < receivedAtMs - maxPastMs;
      if (isTooOld || timeMs > receivedAtMs + maxFutureMs) {
        const reason = isTooOld ? "too_old" : "too_far_in_future";
        rejected[reason] = (rejected[reason] ?? 0) + 1;
        return null;
      }
      maxEventTimeMs = Math.max(maxEventTimeMs, timeMs);
      const key = JSON.stringify(sender.service);
      const { windows } = getOrAdd(services, key, () => ({ service: sender.service, windows: new Map() }));
      const startMs = timeMs - (timeMs % windowSizeMs);
      const entry = getOrAdd(windows, startMs, () => ({ stats: emptyWindowStats(), durationsMs: [], timeMs }));
      entry.timeMs = timeMs;
      const { version, instance } = sender;
      if (version) entry.stats.versions[version] = (entry.stats.versions[version] ?? 0) + 1;
      if (instance) entry.stats.instances[instance] = (entry.stats.instances[instance] ?? 0) + 1;
      return entry;
    },
    batch: (signal) => ({
      format: 1,
      batchId,
      signal,
      receivedAtMs,
      windowSizeMs,
      recordCount,
      rejected,
      maxEventTimeMs: maxEventTimeMs === Number.NEGATIVE_INFINITY ? null : maxEventTimeMs,
      windows: [...services.values()].flatMap(({ service, windows }) =>
        [...windows].map(([startMs, { stats, durationsMs }]) => ({
          service,
          startMs,
          stats: { ...stats, latencySketch: durationsMs.length === 0 ? null : sketchOf(durationsMs) },
        })),
      ),
      errors,
    }),
  };
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}

function sketchOf(durationsMs: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const duration of durationsMs) {
    if (duration > 0) counts.set(latencyKey(duration), (counts.get(latencyKey(duration)) ?? 0) + 1);
  }
  const bins = [...counts].sort(([a], [b]) => a - b);
  return encodeSketch({
    zeroCount: durationsMs.filter((duration) => duration === 0).length,
    keys: bins.map(([key]) => key),
    counts: bins.map(([, count]) => count),
  });
}

function contextOf(sender: Sender, { timeMs }: Entry) {
  return { sender, timeMs, limits: LIMITS, keptName: keptAttributeName };
}
