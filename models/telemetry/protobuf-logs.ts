/** Reads ExportLogsServiceRequest in one pass (opentelemetry/proto/logs/v1/logs.proto). A normal record touches its times, its
 *  severity, its event name and the beginnings of its attributes' keys. */
import type { AnyValueMap } from "./any-value.ts";
import { Literal } from "./literal.ts";
import { readEnvelope } from "./protobuf-envelope.ts";
import { readAnyValue, readAttributesOf, readId, readKeyValue, readTime, tagOf } from "./protobuf-values.ts";
import type { LogFacts, LogSink, WholeLog } from "./record-source.ts";
import { EXCEPTION_PREFIX, isExceptionEventName } from "./semconv.ts";
import type { TextCache } from "./text-cache.ts";
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT, WireReader } from "./wire-reader.ts";

const TIME = tagOf(1, WIRE_FIXED64);
const SEVERITY_NUMBER = tagOf(2, WIRE_VARINT);
const SEVERITY_TEXT = tagOf(3, WIRE_BYTES);
const BODY = tagOf(5, WIRE_BYTES);
const ATTRIBUTES = tagOf(6, WIRE_BYTES);
const TRACE_ID = tagOf(9, WIRE_BYTES);
const SPAN_ID = tagOf(10, WIRE_BYTES);
const OBSERVED_TIME = tagOf(11, WIRE_FIXED64);
const EVENT_NAME = tagOf(12, WIRE_BYTES);
const KEY = tagOf(1, WIRE_BYTES);

const PREFIX = new Literal(EXCEPTION_PREFIX);

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readProtobufLogs(bytes: Uint8Array, sink: LogSink, texts?: TextCache): void {
  const reader = new WireReader(bytes, texts);
  const log = new ProtobufLog(reader);
  readEnvelope(reader, sink, (end) => {
    log.read(end);
    sink.record(log);
    reader.pos = end;
  });
}

class ProtobufLog implements LogFacts {
  readonly time = { ms: 0, nanos: 0 };
  readonly observedTime = { ms: 0, nanos: 0 };
  severityNumber = 0;
  hasException = false;
  readonly #reader: WireReader;
  #logStart = 0;
  #logEnd = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  whole(): WholeLog {
    return readWholeLog(this.#reader, this.#logStart, this.#logEnd);
  }

  /** Reads the record from the reader's position up to `end`. */
  read(end: number): void {
    const reader = this.#reader;
    this.#logStart = reader.pos;
    this.#logEnd = end;
    this.time.ms = 0;
    this.time.nanos = 0;
    this.observedTime.ms = 0;
    this.observedTime.nanos = 0;
    this.severityNumber = 0;
    this.hasException = false;
    while (reader.pos < end) {
      const tag = reader.tag();
      switch (tag) {
        case TIME:
          readTime(reader, this.time);
          break;
        case OBSERVED_TIME:
          readTime(reader, this.observedTime);
          break;
        case SEVERITY_NUMBER:
          this.severityNumber = reader.int32();
          break;
        case ATTRIBUTES: {
          const stop = reader.limit(end);
          if (!this.hasException && isExceptionAttribute(reader, stop)) this.hasException = true;
          reader.pos = stop;
          break;
        }
        case EVENT_NAME: {
          const stop = reader.limit(end);
          if (isExceptionEventName(reader.text(reader.pos, stop))) this.hasException = true;
          reader.pos = stop;
          break;
        }
        default:
          reader.skip(tag, end);
      }
      reader.ensureWithin(end);
    }
  }
}

function isExceptionAttribute(reader: WireReader, end: number): boolean {
  const start = reader.pos;
  const keyLength = reader.bytes[start + 1] ?? 0;
  if (end - start >= 2 && reader.bytes[start] === KEY && keyLength < 0x80) {
    return keyLength >= PREFIX.length && PREFIX.isAt(reader.words, start + 2);
  }
  const pair: AnyValueMap = new Map();
  readKeyValue(reader, end, pair);
  for (const key of pair.keys()) if (key.startsWith(EXCEPTION_PREFIX)) return true;
  return false;
}

function readWholeLog(reader: WireReader, start: number, end: number): WholeLog {
  const log: WholeLog = {
    traceId: undefined,
    spanId: undefined,
    severityText: "",
    body: undefined,
    attributes: readAttributesOf(reader, start, end, ATTRIBUTES),
  };
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    switch (tag) {
      case TRACE_ID:
        log.traceId = readId(reader, end, 32);
        break;
      case SPAN_ID:
        log.spanId = readId(reader, end, 16);
        break;
      case SEVERITY_TEXT: {
        const stop = reader.limit(end);
        log.severityText = reader.text(reader.pos, stop);
        reader.pos = stop;
        break;
      }
      case BODY:
        log.body = readAnyValue(reader, reader.limit(end));
        break;
      default:
        reader.skip(tag, end);
    }
    reader.ensureWithin(end);
  }
  return log;
}
