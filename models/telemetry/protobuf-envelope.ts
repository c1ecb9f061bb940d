/** What the three Export*ServiceRequest messages share on the wire:
 *
 *      request { repeated Resource* = 1 { Resource resource = 1 { repeated KeyValue attributes = 1 }
 *                                         repeated Scope* scopes = 2 { repeated record = 2 } } }
 *
 *  (opentelemetry/proto/collector/{trace,logs,metrics}/v1). */
import type { AnyValueMap } from "./any-value.ts";
import { readKeyValue, tagOf } from "./protobuf-values.ts";
import type { RecordSink } from "./record-source.ts";
import { WIRE_BYTES, type WireReader } from "./wire-reader.ts";

const RESOURCES = tagOf(1, WIRE_BYTES);
const RESOURCE = tagOf(1, WIRE_BYTES);
const ATTRIBUTES = tagOf(1, WIRE_BYTES);
const SCOPES = tagOf(2, WIRE_BYTES);
const RECORDS = tagOf(2, WIRE_BYTES);

/** Walks a request and calls `readRecord` with the reader at the start of each record; it must leave the reader at `end`. */
export function readEnvelope(
  reader: WireReader,
  sink: Pick<RecordSink<never>, "resource">,
  readRecord: (end: number) => void,
): void {
  const end = reader.bytes.length;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === RESOURCES) {
      const stop = reader.limit(end);
      const start = reader.pos;
      sink.resource(() => readResource(reader, start, stop));
      readScopes(reader, stop, readRecord);
    } else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
}

function readScopes(reader: WireReader, end: number, readRecord: (end: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === SCOPES) readRecords(reader, reader.limit(end), readRecord);
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
}

function readRecords(reader: WireReader, end: number, readRecord: (end: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === RECORDS) readRecord(reader.limit(end));
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
}

/** The resource may stand anywhere in its message, also after the records: it is looked up on demand and the position kept. */
function readResource(reader: WireReader, start: number, end: number): AnyValueMap {
  const attributes: AnyValueMap = new Map();
  const resumeAt = reader.pos;
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === RESOURCE) readResourceAttributes(reader, reader.limit(end), attributes);
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  reader.pos = resumeAt;
  return attributes;
}

function readResourceAttributes(reader: WireReader, end: number, attributes: AnyValueMap): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === ATTRIBUTES) readKeyValue(reader, reader.limit(end), attributes);
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
}
