/** What a request says, counted the plain way from its whole JSON form: no selective reading, no shared code with models/telemetry,
 *  a few lines per rule of the semantic conventions. What the receiver makes of a request is compared with it. */
import type { Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import { decodeToJson } from "./otlp-reencode.ts";
import type { PublicRequest } from "./public-payloads.ts";

/** per service and window: which counts */
type WindowCounts = Record<string, number>;

export interface PlainCount {
  recordCount: number;
  errorCount: number;
  maxEventTimeMs: number | null;
  /** by namespace, name, environment and the window's start */
  windows: Record<string, WindowCounts>;
}

type Json = Record<string, unknown>;

const SERVED = [2, 5, "SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER"];
const CALLS = [3, 4, "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER"];
const SEVERITIES = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** @param arrivalMs event time of records that have none */
export function plainCount(request: PublicRequest, arrivalMs: number, windowSizeMs = 60_000): PlainCount {
  const { signal, encoding, body } = request;
  const json = encoding === "json" ? (JSON.parse(body.toString()) as Json) : decodeToJson(signal, body);
  const count: PlainCount = { recordCount: 0, errorCount: 0, maxEventTimeMs: null, windows: {} };
  for (const { resource, record } of recordsOf(signal, json)) {
    const timeMs = timeOf(signal, record) ?? arrivalMs;
    const service = ["service.namespace", "service.name"].map((name) => attribute(resource, name) ?? "");
    const environment =
      attribute(resource, "deployment.environment.name") ?? attribute(resource, "deployment.environment");
    const start = timeMs - (timeMs % windowSizeMs);
    const key = [service[0], service[1] || "unknown_service", environment ?? "", start].join("|");
    count.windows[key] ??= {};
    const { counts, errorCount } = COUNTERS[signal](record);
    add(count.windows[key], counts);
    count.recordCount += 1;
    count.errorCount += errorCount;
    count.maxEventTimeMs = Math.max(count.maxEventTimeMs ?? 0, timeMs);
  }
  return count;
}

/** The same numbers of a batch. */
export function countOf(batch: TelemetryBatch): PlainCount {
  const windows: Record<string, WindowCounts> = {};
  for (const { service, startMs, stats } of batch.windows) {
    const key = [service.namespace, service.name, service.environment, startMs].join("|");
    windows[key] ??= {};
    add(windows[key], onlyNonZero(Object.fromEntries(COUNTED.map((name) => [name, stats[name]]))));
  }
  const { recordCount, maxEventTimeMs, errors } = batch;
  return { recordCount, errorCount: errors.length, maxEventTimeMs, windows };
}

const COUNTED = [
  "spanCount",
  "requestCount",
  "requestErrorCount",
  "callCount",
  "callErrorCount",
  "logCount",
  "warnLogCount",
  "errorLogCount",
  "metricPointCount",
] as const;

const COUNTERS: Record<Signal, (record: Json) => { counts: WindowCounts; errorCount: number }> = {
  traces: (span) => {
    const status = (span.status as Json | undefined)?.code ?? 0;
    const exceptionCount = listOf(span.events).filter(({ name }) => name === "exception").length;
    const served = SERVED.includes(span.kind as string);
    const http = Number(attribute(span, "http.response.status_code") ?? attribute(span, "http.status_code") ?? 0);
    const isUnset = status === 0 || status === "STATUS_CODE_UNSET";
    const isError = status === 2 || status === "STATUS_CODE_ERROR" || (isUnset && span.kind === 2 && http >= 500);
    const isCall = CALLS.includes(span.kind as string);
    return {
      counts: onlyNonZero({
        spanCount: 1,
        requestCount: Number(served),
        requestErrorCount: Number(served && isError),
        callCount: Number(isCall),
        callErrorCount: Number(isCall && isError),
      }),
      errorCount: exceptionCount > 0 ? exceptionCount : Number(isError),
    };
  },
  logs: (log) => {
    const severity = severityOf(log.severityNumber);
    const name = String(log.eventName ?? "");
    const hasException =
      listOf(log.attributes).some(({ key }) => String(key).startsWith("exception.")) || /(^|\.)exception$/.test(name);
    const isError = severity >= 17 || hasException;
    const isWarning = !isError && severity >= 13;
    return {
      counts: onlyNonZero({ logCount: 1, errorLogCount: Number(isError), warnLogCount: Number(isWarning) }),
      errorCount: Number(isError),
    };
  },
  metrics: () => ({ counts: { metricPointCount: 1 }, errorCount: 0 }),
};

function* recordsOf(signal: Signal, request: Json): Generator<{ resource: Json; record: Json }> {
  const [resources, scopes] = {
    traces: ["resourceSpans", "scopeSpans"],
    logs: ["resourceLogs", "scopeLogs"],
    metrics: ["resourceMetrics", "scopeMetrics"],
  }[signal] as [string, string];
  for (const group of listOf(request[resources])) {
    const resource = (group.resource ?? {}) as Json;
    for (const scope of listOf(group[scopes])) {
      if (signal !== "metrics") {
        for (const record of listOf(scope.spans ?? scope.logRecords)) yield { resource, record };
        continue;
      }
      for (const metric of listOf(scope.metrics)) {
        const kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];
        for (const kind of kinds) {
          for (const record of listOf((metric[kind] as Json | undefined)?.dataPoints)) yield { resource, record };
        }
      }
    }
  }
}

function timeOf(signal: Signal, record: Json): number | undefined {
  const names = {
    traces: ["endTimeUnixNano", "startTimeUnixNano"],
    logs: ["timeUnixNano", "observedTimeUnixNano"],
    metrics: ["timeUnixNano"],
  };
  for (const name of names[signal]) {
    // a whole number or its text
    const nanos = BigInt((record[name] ?? 0) as string | number);
    if (nanos > 0n) return Number(nanos / 1_000_000n);
  }
  return undefined;
}

function severityOf(value: unknown): number {
  if (typeof value === "number") return value;
  const [, level = "", step = "1"] = /^SEVERITY_NUMBER_([A-Z]+)([2-4]?)$/.exec(String(value ?? "")) ?? [];
  const group = SEVERITIES.indexOf(level);
  return group < 0 ? 0 : group * 4 + Number(step || 1);
}

function attribute(holder: Json, name: string): string | undefined {
  const value = listOf(holder.attributes).findLast(({ key }) => key === name)?.value as Json | undefined;
  const scalar = value?.stringValue ?? value?.intValue;
  return scalar === undefined || scalar === "" ? undefined : String(scalar);
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function add(into: WindowCounts, counts: WindowCounts): void {
  for (const [name, value] of Object.entries(counts)) into[name] = (into[name] ?? 0) + value;
}

function onlyNonZero(counts: Record<string, number>): WindowCounts {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
}
