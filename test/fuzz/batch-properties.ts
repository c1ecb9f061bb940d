/** What must hold of every batch, whatever bytes it was made of. */
import { isDeepStrictEqual } from "node:util";
import type { BatchLimits } from "../../models/telemetry/batch-limits.ts";
import type { ErrorRecord, TelemetryBatch } from "../../models/telemetry/records.ts";
import type { SummariseOptions } from "../../models/telemetry/summarise.ts";
import { OTHER } from "../../models/windows/bounded-map.ts";
import { windowStart } from "../../models/windows/window-time.ts";
import { openTelemetryJob, sealBatch } from "../../services/platform/queue/telemetry-job.ts";

/** In JSON, NUL and lone surrogates are written as escapes; a backslash that is itself escaped begins none. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** @returns what is wrong, or null */
export function wrongIn(batch: TelemetryBatch, options: SummariseOptions, limits: BatchLimits): string | null {
  return (
    wrongInLedger(batch) ??
    wrongInTimes(batch, options) ??
    wrongInWindows(batch, limits) ??
    wrongInErrors(batch, limits) ??
    wrongOnTheQueue(batch)
  );
}

function wrongInLedger(batch: TelemetryBatch): string | null {
  const rejected = Object.values(batch.rejected).reduce((sum, count) => sum + count, 0);
  const merged = batch.windows.reduce(
    (sum, { stats }) => sum + stats.spanCount + stats.logCount + stats.metricPointCount,
    0,
  );
  if (batch.recordCount !== merged + rejected)
    return `${batch.recordCount} records, ${merged} merged, ${rejected} rejected`;
  const lost = Object.values(batch.losses ?? {}).find((count) => !isCount(count) || count === 0);
  return lost === undefined ? null : `a loss of ${lost}`;
}

function wrongInTimes(batch: TelemetryBatch, options: SummariseOptions): string | null {
  const earliest = options.receivedAtMs - options.maxPastMs;
  const latest = options.receivedAtMs + options.maxFutureMs;
  const times = batch.errors.map(({ timeMs }) => timeMs);
  if (batch.maxEventTimeMs !== null) times.push(batch.maxEventTimeMs);
  const outside = times.find((timeMs) => !Number.isInteger(timeMs) || timeMs < earliest || timeMs > latest);
  if (outside !== undefined) return `a time of ${outside} was let in`;
  return (batch.maxEventTimeMs === null) === (batch.windows.length === 0) ? null : "windows without a latest time";
}

function wrongInWindows(batch: TelemetryBatch, limits: BatchLimits): string | null {
  const seen = new Set<string>();
  const services = new Set<string>();
  for (const { service, startMs, stats } of batch.windows) {
    const who = JSON.stringify([service.namespace, service.name, service.environment]);
    services.add(who);
    if (seen.has(`${who}${startMs}`)) return `two windows of ${who} at ${startMs}`;
    seen.add(`${who}${startMs}`);
    if (startMs !== windowStart(startMs, batch.windowSizeMs)) return `a window starts at ${startMs}`;
    if (service.name === "") return "a service without a name";
    const { callees, versions, instances, gauges, latencySketch, durationSumMs, classes, fingerprints, ...counts } =
      stats;
    const odd = Object.entries(counts).find(([, count]) => !isCount(count));
    if (odd !== undefined) return `${odd[0]} is ${odd[1]}`;
    if (!(durationSumMs >= 0 && Number.isFinite(durationSumMs))) return `durationSumMs is ${durationSumMs}`;
    if ((latencySketch === null) !== (stats.requestCount === 0)) return "a sketch without requests";
    if (stats.requestCount + stats.callCount > stats.spanCount) return "more requests and calls than spans";
    if (stats.requestErrorCount > stats.requestCount || stats.callErrorCount > stats.callCount)
      return "more errors than tries";
    if (stats.errorLogCount + stats.warnLogCount > stats.logCount) return "more bad logs than logs";
    const names = {
      callees,
      versions,
      instances,
      gauges,
      namespace: { [service.namespace]: 1 },
      service: { [service.name]: 1 },
    };
    for (const [kind, record] of Object.entries(names)) {
      const long = Object.keys(record).find((name) => name !== OTHER && name.length > limits.maxNameLength);
      if (long !== undefined) return `a name of ${kind} has ${long.length} characters: ${long.slice(0, 40)}`;
    }
    for (const kind of ["callees", "versions", "instances", "gauges"] as const) {
      const { length } = Object.keys(stats[kind]);
      if (length > limits.names[kind] + 1) return `${length} ${kind}`;
    }
  }
  if (services.size > limits.maxServices + 1) return `${services.size} services`;
  if (batch.windows.length > limits.maxWindows) return `${batch.windows.length} windows`;
  return null;
}

function wrongInErrors(batch: TelemetryBatch, limits: BatchLimits): string | null {
  if (batch.errors.length > limits.maxErrors) return `${batch.errors.length} errors`;
  const services = new Set(batch.windows.map(({ service }) => JSON.stringify(service)));
  for (const error of batch.errors) {
    if (!services.has(JSON.stringify(error.service))) return `an error of ${error.service.name}, which has no window`;
    const wrong = wrongLength(error, limits);
    if (wrong !== null) return wrong;
    if (!/^[0-9a-f]{32}$/.test(error.traceId ?? "0".repeat(32))) return `a trace id of ${error.traceId}`;
    if (!/^[0-9a-f]{16}$/.test(error.spanId ?? "0".repeat(16))) return `a span id of ${error.spanId}`;
  }
  return null;
}

function wrongLength(error: ErrorRecord, limits: BatchLimits): string | null {
  const bounds: [keyof ErrorRecord, number][] = [
    ["exceptionType", limits.maxAttributeLength],
    ["exceptionMessage", limits.maxMessageLength],
    ["stacktrace", limits.maxStacktraceLength],
    ["body", Math.max(limits.maxStacktraceLength, limits.maxMessageLength)],
    ["severityText", limits.maxNameLength],
    ["spanName", limits.maxNameLength],
    ["language", limits.maxNameLength],
    ["serviceVersion", limits.maxNameLength],
    ["instanceId", limits.maxNameLength],
  ];
  for (const [field, bound] of bounds) {
    if (String(error[field] ?? "").length > bound) return `${field} has ${String(error[field]).length} characters`;
  }
  const attributes = Object.entries(error.attributes);
  if (attributes.length > limits.maxErrorAttributes) return `${attributes.length} attributes`;
  for (const [name, value] of attributes) {
    if (name.length > limits.maxNameLength) return `an attribute's name has ${name.length} characters`;
    if (typeof value === "number" && !Number.isFinite(value)) return `an attribute is ${value}`;
    if (typeof value === "string" && value.length > limits.maxAttributeLength)
      return `an attribute has ${value.length} characters`;
  }
  return null;
}

/** What crosses the queue comes out as it went in, and a database can store every text of it. */
function wrongOnTheQueue(batch: TelemetryBatch): string | null {
  const unstorable = UNSTORABLE.exec(JSON.stringify(batch));
  if (unstorable !== null) return `text that no database stores: ${unstorable[0]}`;
  const [opened] = openTelemetryJob({ batches: [sealBatch(batch)] }).batches;
  return isDeepStrictEqual(opened, batch) ? null : "the queue changes it";
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
