/** Reads the JSON encoding of ExportLogsServiceRequest into the same facts as the protobuf reader. */
import { JsonAttributes } from "./json-attributes.ts";
import { envelopeNames, readJsonEnvelope } from "./json-envelope.ts";
import { checkId, readEnum, readTime } from "./json-fields.ts";
import { JsonReader } from "./json-reader.ts";
import { asAnyValue, asId, asText } from "./json-values.ts";
import { Literal } from "./literal.ts";
import { type Names, NameTable } from "./name-table.ts";
import type { LogFacts, LogSink, WholeLog } from "./record-source.ts";
import { EXCEPTION_PREFIX, isExceptionEventName } from "./semconv.ts";
import type { TextCache } from "./text-cache.ts";

/** SEVERITY_NUMBER_TRACE is 1, TRACE2 is 2 … FATAL4 is 24. */
const SEVERITY_NAMES: Record<string, number> = { SEVERITY_NUMBER_UNSPECIFIED: 0 };
["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].forEach((level, group) => {
  for (let step = 1; step <= 4; step += 1) {
    SEVERITY_NAMES[`SEVERITY_NUMBER_${level}${step === 1 ? "" : step}`] = group * 4 + step;
  }
});

const ENVELOPE = envelopeNames("resourceLogs", "scopeLogs", "logRecords");
const LOG = new NameTable([
  "timeUnixNano",
  "observedTimeUnixNano",
  "severityNumber",
  "severityText",
  "body",
  "attributes",
  "traceId",
  "spanId",
  "eventName",
]);
// in the order of the table
const TIME = 0;
const OBSERVED_TIME = 1;
const SEVERITY_NUMBER = 2;
const SEVERITY_TEXT = 3;
const BODY = 4;
const ATTRIBUTES = 5;
const TRACE_ID = 6;
const SPAN_ID = 7;

const PREFIX = new Literal(EXCEPTION_PREFIX);
/** any attribute `exception.*`, as index 0 */
const EXCEPTION_KEYS: Names = {
  find: (words, start, end) => (end - start >= PREFIX.length && PREFIX.isAt(words, start) ? 0 : -1),
  indexOf: (name) => (name.startsWith(EXCEPTION_PREFIX) ? 0 : -1),
};

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readJsonLogs(bytes: Uint8Array, sink: LogSink, texts?: TextCache): void {
  const reader = new JsonReader(bytes, texts);
  const log = new JsonLog(reader);
  readJsonEnvelope(reader, ENVELOPE, sink, () => {
    log.read();
    sink.record(log);
  });
}

class JsonLog implements LogFacts {
  readonly time = { ms: 0, nanos: 0 };
  readonly observedTime = { ms: 0, nanos: 0 };
  severityNumber = 0;
  hasException = false;
  readonly #reader: JsonReader;
  readonly #attributes: JsonAttributes;
  // where values stand that only a whole record needs
  #severityTextAt = -1;
  #bodyAt = -1;
  #traceIdAt = -1;
  #spanIdAt = -1;
  // made once, not for each record
  readonly #readField = (field: number) => this.#read(field);

  constructor(reader: JsonReader) {
    this.#reader = reader;
    this.#attributes = new JsonAttributes(reader, EXCEPTION_KEYS, 1);
  }

  whole(): WholeLog {
    const reader = this.#reader;
    const body = reader.valueAt(this.#bodyAt);
    return {
      traceId: asId(reader.valueAt(this.#traceIdAt), "a trace id", 32),
      spanId: asId(reader.valueAt(this.#spanIdAt), "a span id", 16),
      severityText: asText(reader.valueAt(this.#severityTextAt), "a severity text"),
      body: body === undefined || body === null ? undefined : asAnyValue(body),
      attributes: this.#attributes.whole(),
    };
  }

  /** Reads the record on which the reader stands. */
  read(): void {
    this.time.ms = 0;
    this.time.nanos = 0;
    this.observedTime.ms = 0;
    this.observedTime.nanos = 0;
    this.severityNumber = 0;
    this.hasException = false;
    this.#severityTextAt = -1;
    this.#bodyAt = -1;
    this.#traceIdAt = -1;
    this.#spanIdAt = -1;
    this.#attributes.reset();
    this.#reader.fields("a log record", LOG, this.#readField);
    if (this.#attributes.hasAny()) this.hasException = true;
  }

  #read(field: number): void {
    const reader = this.#reader;
    switch (field) {
      case TIME:
        readTime(reader, this.time);
        break;
      case OBSERVED_TIME:
        readTime(reader, this.observedTime);
        break;
      case SEVERITY_NUMBER:
        this.severityNumber = readEnum(reader, "a severity number", SEVERITY_NAMES);
        break;
      case SEVERITY_TEXT:
        this.#severityTextAt = reader.pos;
        reader.skip();
        break;
      case BODY:
        this.#bodyAt = reader.pos;
        reader.skip();
        break;
      case ATTRIBUTES:
        this.#attributes.read();
        break;
      case TRACE_ID:
        this.#traceIdAt = reader.pos;
        checkId(reader, "a trace id", 32);
        break;
      case SPAN_ID:
        this.#spanIdAt = reader.pos;
        checkId(reader, "a span id", 16);
        break;
      default:
        if (isExceptionEventName(asText(reader.value(), "an event name"))) this.hasException = true;
    }
  }
}
