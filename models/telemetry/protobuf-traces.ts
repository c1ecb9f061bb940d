/** Reads ExportTraceServiceRequest in one pass (opentelemetry/proto/trace/v1/trace.proto). A normal span touches kind, times,
 *  status, the names of its events and the keys of its attributes; `whole()` goes back over the span's bytes. */
import type { AnyValueMap } from "./any-value.ts";
import { AttributeScan } from "./attribute-scan.ts";
import { Literal } from "./literal.ts";
import { slotOf } from "./name-table.ts";
import { readEnvelope } from "./protobuf-envelope.ts";
import { readAttributesOf, readId, readKeyValue, readTime, tagOf } from "./protobuf-values.ts";
import type { SpanFacts, SpanSink, WholeSpan } from "./record-source.ts";
import { EXCEPTION_EVENT } from "./semconv.ts";
import { httpStatusCodeIn, peerIn, SPAN_ATTRIBUTES } from "./span-attributes.ts";
import type { TextCache } from "./text-cache.ts";
import { setFromWords } from "./unix-nano.ts";
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT, WireReader } from "./wire-reader.ts";

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

const EXCEPTION_NAME = new Literal(EXCEPTION_EVENT);

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readProtobufTraces(bytes: Uint8Array, sink: SpanSink, texts?: TextCache): void {
  const reader = new WireReader(bytes, texts);
  const span = new ProtobufSpan(reader);
  readEnvelope(reader, sink, (end) => {
    span.read(end);
    sink.record(span);
    reader.pos = end;
  });
}

class ProtobufSpan implements SpanFacts {
  readonly start = { ms: 0, nanos: 0 };
  readonly end = { ms: 0, nanos: 0 };
  kind = 0;
  statusCode = 0;
  hasException = false;
  readonly #reader: WireReader;
  readonly #attributes: AttributeScan;
  #spanStart = 0;
  #spanEnd = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
    this.#attributes = new AttributeScan(reader, SPAN_ATTRIBUTES);
  }

  httpStatusCode(): number {
    return httpStatusCodeIn(this.#attributes);
  }

  peer(): string | undefined {
    return peerIn(this.#attributes);
  }

  whole(maxExceptions: number): WholeSpan {
    return readWholeSpan(this.#reader, this.#spanStart, this.#spanEnd, maxExceptions);
  }

  /** Reads the span from the reader's position up to `end`. */
  read(end: number): void {
    const reader = this.#reader;
    const attributes = this.#attributes;
    const { bytes, words } = reader;
    const { slots } = SPAN_ATTRIBUTES;
    this.#spanStart = reader.pos;
    this.#spanEnd = end;
    this.start.ms = 0;
    this.start.nanos = 0;
    this.end.ms = 0;
    this.end.nanos = 0;
    this.kind = 0;
    this.statusCode = 0;
    this.hasException = false;
    attributes.reset();
    let pos = reader.pos;
    // WireReader's loop, written out with the position in a local: it sees every field of every span, and nearly all of them
    // are short length-delimited fields that it walks past. One that is longer than the span shows after the loop.
    while (pos < end) {
      const tag = bytes[pos]!;
      const length = bytes[pos + 1]!;
      if ((tag & 0x87) === WIRE_BYTES && length < 0x80) {
        if (tag === ATTRIBUTES) {
          const keyLength = bytes[pos + 3]!;
          const isOther = slots[slotOf(keyLength, bytes[pos + 3 + keyLength]!)] === 0;
          if (!isOther || bytes[pos + 2] !== KEY || keyLength >= 0x80) attributes.visit(pos + 2, pos + 2 + length);
          pos += 2 + length;
          continue;
        }
        if (tag >= 8 && (length === 0 || (tag !== EVENTS && tag !== STATUS))) {
          pos += 2 + length;
          continue;
        }
      }
      if (tag === KIND && length < 0x80) {
        this.kind = length;
        pos += 2;
        continue;
      }
      if ((tag === START_TIME || tag === END_TIME) && pos + 9 <= end) {
        const time = tag === START_TIME ? this.start : this.end;
        setFromWords(time, words.getUint32(pos + 1, true), words.getUint32(pos + 5, true));
        pos += 9;
        continue;
      }
      reader.pos = pos;
      this.#readField(reader.tag(), end);
      reader.ensureWithin(end);
      pos = reader.pos;
    }
    reader.pos = pos;
    reader.ensureWithin(end);
  }

  #readField(tag: number, end: number): void {
    const reader = this.#reader;
    switch (tag) {
      case KIND:
        this.kind = reader.int32();
        break;
      case START_TIME:
        readTime(reader, this.start);
        break;
      case END_TIME:
        readTime(reader, this.end);
        break;
      case ATTRIBUTES: {
        const stop = reader.limit(end);
        this.#attributes.visit(reader.pos, stop);
        reader.pos = stop;
        break;
      }
      case EVENTS: {
        const stop = reader.limit(end);
        if (isExceptionEvent(reader, stop)) this.hasException = true;
        reader.pos = stop;
        break;
      }
      case STATUS:
        this.#readStatusCode(reader.limit(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }

  #readStatusCode(end: number): void {
    const reader = this.#reader;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === STATUS_CODE_FIELD) this.statusCode = reader.int32();
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
      isException = stop - reader.pos === EXCEPTION_NAME.length && EXCEPTION_NAME.isAt(reader.words, reader.pos);
      reader.pos = stop;
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return isException;
}

function readWholeSpan(reader: WireReader, start: number, end: number, maxExceptions: number): WholeSpan {
  const attributes: AnyValueMap = new Map();
  const span: WholeSpan = {
    traceId: undefined,
    spanId: undefined,
    name: "",
    statusMessage: "",
    attributes,
    exceptions: [],
    unreadExceptions: 0,
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
          if (span.exceptions.length === maxExceptions) span.unreadExceptions += 1;
          else span.exceptions.push(readAttributesOf(reader, eventStart, stop, EVENT_ATTRIBUTES));
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
