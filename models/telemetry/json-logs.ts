/** Reads the JSON encoding of ExportLogsServiceRequest into the same facts as the protobuf reader. */
import { readJsonEnvelope } from "./json-envelope.ts";
import { asAnyValue, asEnum, asId, asList, asObject, asText, type JsonObject, readKeyValues } from "./json-values.ts";
import type { LogFacts, LogSink, WholeLog, Writable } from "./record-source.ts";
import { EXCEPTION_PREFIX, isExceptionEventName } from "./semconv.ts";
import { setFromJson } from "./unix-nano.ts";

/** SEVERITY_NUMBER_TRACE is 1, TRACE2 is 2 … FATAL4 is 24. */
const SEVERITY_NAMES: Record<string, number> = { SEVERITY_NUMBER_UNSPECIFIED: 0 };
["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].forEach((level, group) => {
  for (let step = 1; step <= 4; step += 1) {
    SEVERITY_NAMES[`SEVERITY_NUMBER_${level}${step === 1 ? "" : step}`] = group * 4 + step;
  }
});

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readJsonLogs(bytes: Uint8Array, sink: LogSink): void {
  let log: JsonObject = {};
  let attributes: readonly unknown[] = [];
  let traceId: string | undefined;
  let spanId: string | undefined;
  const facts: Writable<LogFacts> = {
    time: { ms: 0, nanos: 0 },
    observedTime: { ms: 0, nanos: 0 },
    severityNumber: 0,
    hasException: false,
    whole: (): WholeLog => ({
      traceId,
      spanId,
      severityText: asText(log.severityText, "a severity text"),
      body: log.body === undefined || log.body === null ? undefined : asAnyValue(log.body),
      attributes: readKeyValues(attributes, new Map()),
    }),
  };

  readJsonEnvelope(
    bytes,
    { resources: "resourceLogs", scopes: "scopeLogs", records: "logRecords" },
    (resource) => sink.resource(resource),
    (record) => {
      log = record;
      attributes = asList(log.attributes, "attributes");
      traceId = asId(log.traceId, "a trace id", 32);
      spanId = asId(log.spanId, "a span id", 16);
      setFromJson(facts.time, log.timeUnixNano);
      setFromJson(facts.observedTime, log.observedTimeUnixNano);
      facts.severityNumber = asEnum(log.severityNumber, "a severity number", SEVERITY_NAMES);
      facts.hasException =
        isExceptionEventName(asText(log.eventName, "an event name")) || hasExceptionAttribute(attributes);
      sink.record(facts);
    },
  );
}

function hasExceptionAttribute(attributes: readonly unknown[]): boolean {
  for (const entry of attributes) {
    if (asText(asObject(entry, "an attribute").key, "an attribute's key").startsWith(EXCEPTION_PREFIX)) return true;
  }
  return false;
}
