/** Reads the JSON encoding of ExportTraceServiceRequest into the same facts as the protobuf reader. */
import { attributesAt } from "./json-any-value.ts";
import { JsonAttributes } from "./json-attributes.ts";
import { envelopeNames, readJsonEnvelope } from "./json-envelope.ts";
import { checkId, readEnum, readTime } from "./json-fields.ts";
import { QUOTE } from "./json-grammar.ts";
import { JsonReader } from "./json-reader.ts";
import { asId, asText } from "./json-values.ts";
import { NameTable } from "./name-table.ts";
import type { SpanFacts, SpanSink, WholeSpan } from "./record-source.ts";
import { EXCEPTION_EVENT } from "./semconv.ts";
import { httpStatusCodeIn, peerIn, SPAN_ATTRIBUTES } from "./span-attributes.ts";
import type { TextCache } from "./text-cache.ts";

const KIND_NAMES = {
  SPAN_KIND_UNSPECIFIED: 0,
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};
const STATUS_NAMES = { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };

const ENVELOPE = envelopeNames("resourceSpans", "scopeSpans", "spans");
const SPAN = new NameTable([
  "traceId",
  "spanId",
  "name",
  "kind",
  "startTimeUnixNano",
  "endTimeUnixNano",
  "attributes",
  "events",
  "status",
]);
// in the order of the table
const TRACE_ID = 0;
const SPAN_ID = 1;
const NAME = 2;
const KIND = 3;
const START_TIME = 4;
const END_TIME = 5;
const ATTRIBUTES = 6;
const EVENTS = 7;
const STATUS = new NameTable(["code", "message"]);
const STATUS_CODE = 0;
const EVENT = new NameTable(["name", "attributes"]);
const EVENT_NAME = 0;
const EXCEPTION = new NameTable([EXCEPTION_EVENT]);

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readJsonTraces(bytes: Uint8Array, sink: SpanSink, texts?: TextCache): void {
  const reader = new JsonReader(bytes, texts);
  const span = new JsonSpan(reader);
  readJsonEnvelope(reader, ENVELOPE, sink, () => {
    span.read();
    sink.record(span);
  });
}

class JsonSpan implements SpanFacts {
  readonly start = { ms: 0, nanos: 0 };
  readonly end = { ms: 0, nanos: 0 };
  kind = 0;
  statusCode = 0;
  hasException = false;
  readonly #reader: JsonReader;
  readonly #attributes: JsonAttributes;
  // where values stand that only a whole span needs
  #traceIdAt = -1;
  #spanIdAt = -1;
  #nameAt = -1;
  #messageAt = -1;
  /** attributes of the events named `exception` */
  readonly #exceptionsAt: number[] = [];
  #isException = false;
  #eventAttributesAt = -1;
  // made once, not for each span
  readonly #readField = (field: number) => this.#read(field);
  readonly #readStatusField = (field: number) => this.#readStatus(field);
  readonly #readEvent = () => this.#event();
  readonly #readEventField = (field: number) => this.#readEventPart(field);

  constructor(reader: JsonReader) {
    this.#reader = reader;
    this.#attributes = new JsonAttributes(reader, SPAN_ATTRIBUTES, SPAN_ATTRIBUTES.names.length);
  }

  httpStatusCode(): number {
    return httpStatusCodeIn(this.#attributes);
  }

  peer(): string | undefined {
    return peerIn(this.#attributes);
  }

  whole(maxExceptions: number): WholeSpan {
    const reader = this.#reader;
    return {
      traceId: asId(reader.valueAt(this.#traceIdAt), "a trace id", 32),
      spanId: asId(reader.valueAt(this.#spanIdAt), "a span id", 16),
      name: asText(reader.valueAt(this.#nameAt), "a span's name"),
      statusMessage: asText(reader.valueAt(this.#messageAt), "a status message"),
      attributes: this.#attributes.whole(),
      exceptions: this.#exceptionsAt.slice(0, maxExceptions).map((at) => attributesAt(reader, at)),
      unreadExceptions: Math.max(0, this.#exceptionsAt.length - maxExceptions),
    };
  }

  /** Reads the span on which the reader stands. */
  read(): void {
    this.start.ms = 0;
    this.start.nanos = 0;
    this.end.ms = 0;
    this.end.nanos = 0;
    this.kind = 0;
    this.statusCode = 0;
    this.hasException = false;
    this.#traceIdAt = -1;
    this.#spanIdAt = -1;
    this.#nameAt = -1;
    this.#messageAt = -1;
    this.#exceptionsAt.length = 0;
    this.#attributes.reset();
    this.#reader.fields("a span", SPAN, this.#readField);
  }

  #read(field: number): void {
    const reader = this.#reader;
    switch (field) {
      case TRACE_ID:
        this.#traceIdAt = reader.pos;
        checkId(reader, "a trace id", 32);
        break;
      case SPAN_ID:
        this.#spanIdAt = reader.pos;
        checkId(reader, "a span id", 16);
        break;
      case NAME:
        this.#nameAt = reader.pos;
        reader.skip();
        break;
      case KIND:
        this.kind = readEnum(reader, "a span's kind", KIND_NAMES);
        break;
      case START_TIME:
        readTime(reader, this.start);
        break;
      case END_TIME:
        readTime(reader, this.end);
        break;
      case ATTRIBUTES:
        this.#attributes.read();
        break;
      case EVENTS:
        reader.list("events", this.#readEvent);
        break;
      default:
        if (!reader.skipNull()) reader.fields("a span's status", STATUS, this.#readStatusField);
    }
  }

  #readStatus(field: number): void {
    const reader = this.#reader;
    if (field === STATUS_CODE) this.statusCode = readEnum(reader, "a status code", STATUS_NAMES);
    else {
      this.#messageAt = reader.pos;
      reader.skip();
    }
  }

  #event(): void {
    this.#isException = false;
    this.#eventAttributesAt = -1;
    this.#reader.fields("an event", EVENT, this.#readEventField);
    if (!this.#isException) return;
    this.hasException = true;
    this.#exceptionsAt.push(this.#eventAttributesAt);
  }

  #readEventPart(field: number): void {
    const reader = this.#reader;
    if (field !== EVENT_NAME) {
      this.#eventAttributesAt = reader.pos;
      reader.skip();
    } else if (reader.peek() === QUOTE) {
      reader.text();
      this.#isException = reader.match(EXCEPTION) === 0;
    } else reader.skip();
  }
}
