/** Reads ExportTraceServiceRequest in one pass (opentelemetry/proto/trace/v1/trace.proto). A normal span touches kind, times,
 *  status, the names of its events and the keys of its attributes; `whole()` goes back over the span's bytes. */
import { type AnyValueMap, scalarNumber, scalarText } from "./any-value.ts";
import { createAttributeScan, matches } from "./attribute-scan.ts";
import { undecodable } from "./decode-error.ts";
import { readEnvelope } from "./protobuf-envelope.ts";
import { readAttributesOf, readId, readKeyValue, tagOf } from "./protobuf-values.ts";
import type { SpanFacts, SpanSink, WholeSpan, Writable } from "./record-source.ts";
import { EXCEPTION_EVENT, HTTP_STATUS_ATTRIBUTES, PEER_ATTRIBUTES } from "./semconv.ts";
import { setFromWords } from "./unix-nano.ts";
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT, type WireReader } from "./wire-reader.ts";

const TRACE_ID = tagOf(1, WIRE_BYTES);
const SPAN_ID = tagOf(2, WIRE_BYTES);
const NAME = tagOf(5, WIRE_BYTES);
const KIND = tagOf(6, WIRE_VARINT);
const START_TIME = tagOf(7, WIRE_FIXED64);
const END_TIME = tagOf(8, WIRE_FIXED64);
const ATTRIBUTES = tagOf(9, WIRE_BYTES);
const EVENTS = tagOf(11, WIRE_BYTES);
const STATUS = tagOf(15, WIRE_BYTES);
const STATUS_MESSAGE = tagOf(2, WIRE_BYTES);
const STATUS_CODE_FIELD = tagOf(3, WIRE_VARINT);
const KEY = tagOf(1, WIRE_BYTES);
const EVENT_NAME = tagOf(2, WIRE_BYTES);
const EVENT_ATTRIBUTES = tagOf(3, WIRE_BYTES);

const SCANNED = [...PEER_ATTRIBUTES, ...HTTP_STATUS_ATTRIBUTES];
const EXCEPTION_KEY = new TextEncoder().encode(EXCEPTION_EVENT);

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readProtobufTraces(bytes: Uint8Array, sink: SpanSink): void {
  readEnvelope(
    bytes,
    (attributes) => sink.resource(attributes),
    (reader) => {
      const span = createSpanReader(reader);
      return (end) => {
        span.read(end);
        sink.record(span.facts);
        reader.pos = end;
      };
    },
  );
}

function createSpanReader(reader: WireReader): { facts: SpanFacts; read(end: number): void } {
  const scan = createAttributeScan(reader, SCANNED);
  const { mustVisit } = scan;
  let spanStart = 0;
  let spanEnd = 0;

  const facts: Writable<SpanFacts> = {
    start: { ms: 0, nanos: 0 },
    end: { ms: 0, nanos: 0 },
    kind: 0,
    statusCode: 0,
    hasException: false,
    httpStatusCode: () => {
      for (let index = PEER_ATTRIBUTES.length; index < SCANNED.length; index += 1) {
        const code = scalarNumber(scan.value(index));
        if (code !== 0) return code;
      }
      return 0;
    },
    peer: () => {
      for (let index = 0; index < PEER_ATTRIBUTES.length; index += 1) {
        const text = scalarText(scan.value(index));
        if (text !== undefined) return text;
      }
      return undefined;
    },
    whole: () => readWholeSpan(reader, spanStart, spanEnd),
  };

  return { facts, read };

  function read(end: number): void {
    spanStart = reader.pos;
    spanEnd = end;
    facts.start.ms = 0;
    facts.start.nanos = 0;
    facts.end.ms = 0;
    facts.end.nanos = 0;
    facts.kind = 0;
    facts.statusCode = 0;
    facts.hasException = false;
    scan.reset();
    const { bytes } = reader;
    let pos = reader.pos;
    // The loop below is WireReader's, written out with the position in a local: it sees every field of every span, nearly all of
    // them short length-delimited fields that it walks past.
    while (pos < end) {
      const tag = bytes[pos]!;
      const length = bytes[pos + 1]!;
      if ((tag & 0x87) === WIRE_BYTES && length < 0x80) {
        pos += 2;
        const stop = pos + length;
        if (stop > end) throw undecodable("a protobuf field is longer than its message");
        if (tag === ATTRIBUTES) {
          if (bytes[pos] !== KEY || mustVisit[bytes[pos + 1]!] === 1) {
            reader.pos = pos;
            scan.visit(stop);
          }
          pos = stop;
          continue;
        }
        if (tag !== EVENTS && tag !== STATUS && tag >= 8) {
          pos = stop;
          continue;
        }
        pos -= 2;
      }
      reader.pos = pos;
      readField(reader.tag(), end);
      reader.ensureWithin(end);
      pos = reader.pos;
    }
    reader.pos = pos;
  }

  function readField(tag: number, end: number): void {
    switch (tag) {
      case KIND:
        facts.kind = reader.int32();
        break;
      case START_TIME:
        reader.fixed64();
        setFromWords(facts.start, reader.lo, reader.hi);
        break;
      case END_TIME:
        reader.fixed64();
        setFromWords(facts.end, reader.lo, reader.hi);
        break;
      case ATTRIBUTES:
        scan.visit(reader.limit(end));
        break;
      case EVENTS: {
        const stop = reader.limit(end);
        if (isExceptionEvent(reader, stop)) facts.hasException = true;
        reader.pos = stop;
        break;
      }
      case STATUS:
        readStatusCode(reader.limit(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }

  function readStatusCode(end: number): void {
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === STATUS_CODE_FIELD) facts.statusCode = reader.int32();
      else reader.skip(tag, end);
      reader.ensureWithin(end);
    }
  }
}

/** Reads an event up to its name, which stands before its attributes in what encoders write. */
function isExceptionEvent(reader: WireReader, end: number): boolean {
  let isException = false;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === EVENT_NAME) {
      const stop = reader.limit(end);
      isException = stop - reader.pos === EXCEPTION_KEY.length && matches(reader.bytes, reader.pos, EXCEPTION_KEY);
      reader.pos = stop;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return isException;
}

function readWholeSpan(reader: WireReader, start: number, end: number): WholeSpan {
  const attributes: AnyValueMap = new Map();
  const span: WholeSpan = {
    traceId: undefined,
    spanId: undefined,
    name: "",
    statusMessage: "",
    attributes,
    exceptions: [],
  };
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    switch (tag) {
      case TRACE_ID:
        span.traceId = readId(reader, end, 32);
        break;
      case SPAN_ID:
        span.spanId = readId(reader, end, 16);
        break;
      case NAME: {
        const stop = reader.limit(end);
        span.name = reader.text(reader.pos, stop);
        reader.pos = stop;
        break;
      }
      case ATTRIBUTES:
        readKeyValue(reader, reader.limit(end), attributes);
        break;
      case EVENTS: {
        const stop = reader.limit(end);
        const eventStart = reader.pos;
        if (isExceptionEvent(reader, stop)) {
          span.exceptions.push(readAttributesOf(reader, eventStart, stop, EVENT_ATTRIBUTES));
        }
        reader.pos = stop;
        break;
      }
      case STATUS:
        span.statusMessage = readStatusMessage(reader, reader.limit(end)) ?? span.statusMessage;
        break;
      default:
        reader.skip(tag, end);
    }
    reader.ensureWithin(end);
  }
  return span;
}

function readStatusMessage(reader: WireReader, end: number): string | undefined {
  let message: string | undefined;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === STATUS_MESSAGE) {
      const stop = reader.limit(end);
      message = reader.text(reader.pos, stop);
      reader.pos = stop;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return message;
}
