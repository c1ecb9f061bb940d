/** Reads the JSON encoding of ExportTraceServiceRequest into the same facts as the protobuf reader. */
import { scalarNumber, scalarText } from "./any-value.ts";
import { readJsonEnvelope } from "./json-envelope.ts";
import {
  asEnum,
  asId,
  asList,
  asObject,
  asText,
  findAttribute,
  type JsonObject,
  optionalObject,
  readKeyValues,
} from "./json-values.ts";
import type { SpanFacts, SpanSink, WholeSpan, Writable } from "./record-source.ts";
import { EXCEPTION_EVENT, HTTP_STATUS_ATTRIBUTES, PEER_ATTRIBUTES } from "./semconv.ts";
import { setFromJson } from "./unix-nano.ts";

const KIND_NAMES = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};
const STATUS_NAMES = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readJsonTraces(bytes: Uint8Array, sink: SpanSink): void {
  let span: JsonObject = {};
  let attributes: readonly unknown[] = [];
  let status: JsonObject = {};
  let traceId: string | undefined;
  let spanId: string | undefined;
  const facts: Writable<SpanFacts> = {
    start: { ms: 0, nanos: 0 },
    end: { ms: 0, nanos: 0 },
    kind: 0,
    statusCode: 0,
    hasException: false,
    httpStatusCode: () => {
      for (const name of HTTP_STATUS_ATTRIBUTES) {
        const code = scalarNumber(findAttribute(attributes, name));
        if (code !== 0) return code;
      }
      return 0;
    },
    peer: () => {
      for (const name of PEER_ATTRIBUTES) {
        const text = scalarText(findAttribute(attributes, name));
        if (text !== undefined) return text;
      }
      return undefined;
    },
    whole: (): WholeSpan => ({
      traceId,
      spanId,
      name: asText(span.name, "a span's name"),
      statusMessage: asText(status.message, "a status message"),
      attributes: readKeyValues(attributes, new Map()),
      exceptions: exceptionEvents(span).map((event) => readKeyValues(event.attributes, new Map())),
    }),
  };

  readJsonEnvelope(
    bytes,
    { resources: "resourceSpans", scopes: "scopeSpans", records: "spans" },
    (resource) => sink.resource(resource),
    (record) => {
      span = record;
      attributes = asList(span.attributes, "attributes");
      status = optionalObject(span.status, "a span's status");
      traceId = asId(span.traceId, "a trace id", 32);
      spanId = asId(span.spanId, "a span id", 16);
      setFromJson(facts.start, span.startTimeUnixNano);
      setFromJson(facts.end, span.endTimeUnixNano);
      facts.kind = asEnum(span.kind, "a span's kind", KIND_NAMES);
      facts.statusCode = asEnum(status.code, "a status code", STATUS_NAMES);
      facts.hasException = exceptionEvents(span).length > 0;
      sink.record(facts);
    },
  );
}

const NO_EVENTS: readonly JsonObject[] = [];

function exceptionEvents(span: JsonObject): readonly JsonObject[] {
  if (span.events === undefined) return NO_EVENTS;
  return asList(span.events, "events")
    .map((event) => asObject(event, "an event"))
    .filter((event) => event.name === EXCEPTION_EVENT);
}
