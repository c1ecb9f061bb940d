/** One OTLP request in JSON: its signal by its outermost field, its records and their times. */
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import { isSet, setFromJson } from "../../../models/telemetry/unix-nano.ts";
import { shiftJson } from "../times/shift-json.ts";
import { type RecordedRequest, RecordingError, type TimeRange, unite } from "./recorded-request.ts";
import type { JsonText } from "./split-json.ts";

type JsonObject = { readonly [name: string]: unknown };

const RESOURCE_FIELDS: readonly (readonly [string, Signal])[] = [
  ["resourceSpans", "traces"],
  ["resourceLogs", "logs"],
  ["resourceMetrics", "metrics"],
];
const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];
/** a record's event time is the first of these that is set */
const EVENT_TIMES: Readonly<Record<Signal, readonly string[]>> = {
  traces: ["endTimeUnixNano"],
  logs: ["timeUnixNano", "observedTimeUnixNano"],
  metrics: ["timeUnixNano"],
};

/** @throws RecordingError */
export function readJsonRequest({ bytes, line }: JsonText, file: string): RecordedRequest {
  const source = `${file}:${line}`;
  const request = parse(bytes, file, line);
  const found = RESOURCE_FIELDS.filter(([field]) => request[field] !== undefined);
  const signal = found[0]?.[1];
  if (signal === undefined || found.length > 1) {
    const says = found.length > 1 ? found.map(([field]) => field).join(" and ") : "none of them";
    throw new RecordingError(
      source,
      `an OTLP request has one of resourceSpans, resourceLogs and resourceMetrics; this one has ${says}`,
    );
  }
  let recordCount = 0;
  let times: TimeRange | null = null;
  try {
    for (const record of recordsOf(request, signal)) {
      recordCount += 1;
      const timeMs = eventTimeMs(record, signal);
      if (timeMs !== null) times = unite(times, { firstMs: timeMs, lastMs: timeMs });
    }
  } catch (error) {
    if (error instanceof TelemetryDecodeError) throw new RecordingError(source, error.message, { cause: error });
    throw error;
  }
  return {
    signal,
    encoding: "json",
    recordCount,
    times,
    source,
    body: (shiftNs) => (shiftNs === 0n ? bytes : shiftJson(bytes, shiftNs)),
  };
}

function parse(bytes: Buffer, file: string, line: number): JsonObject {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const position = Number(/at position (\d+)/.exec(reason)?.[1] ?? 0);
    const linesBefore = text.slice(0, position).split("\n").length - 1;
    throw new RecordingError(`${file}:${line + linesBefore}`, `not JSON: ${reason}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RecordingError(`${file}:${line}`, "expected a JSON object, one OTLP request");
  }
  return asObject(value);
}

function* recordsOf(request: JsonObject, signal: Signal): Generator<JsonObject> {
  const [resources, scopes, records] = {
    traces: ["resourceSpans", "scopeSpans", "spans"] as const,
    logs: ["resourceLogs", "scopeLogs", "logRecords"] as const,
    metrics: ["resourceMetrics", "scopeMetrics", "metrics"] as const,
  }[signal];
  for (const resource of asList(request[resources])) {
    for (const scope of asList(resource[scopes])) {
      for (const record of asList(scope[records])) {
        if (signal === "metrics") yield* pointsOf(record);
        else yield record;
      }
    }
  }
}

function* pointsOf(metric: JsonObject): Generator<JsonObject> {
  for (const kind of METRIC_KINDS) yield* asList(asObject(metric[kind]).dataPoints);
}

function eventTimeMs(record: JsonObject, signal: Signal): number | null {
  const time = { ms: 0, nanos: 0 };
  for (const field of EVENT_TIMES[signal]) {
    setFromJson(time, record[field]);
    if (isSet(time)) return time.ms;
  }
  return null;
}

/** What is not what it should be is empty here: whether it is wrong is for the server to say. */
function asList(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function asObject(value: unknown): JsonObject {
  // an object's fields are unknown until they are looked at
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}
