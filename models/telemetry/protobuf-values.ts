/** OTLP's common messages on the wire: AnyValue, KeyValue, Resource, ids (opentelemetry/proto/common/v1, resource/v1). */
import { type AnyValue, type AnyValueMap, int64Value, MAX_SHOWN_BYTES, MAX_VALUE_DEPTH } from "./any-value.ts";
import { undecodable } from "./decode-error.ts";
import { correlationId } from "./record-source.ts";
import { setFromWords, type UnixNano } from "./unix-nano.ts";
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT, type WireReader } from "./wire-reader.ts";

/** A tag as it stands on the wire. */
export function tagOf(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

const STRING_VALUE = tagOf(1, WIRE_BYTES);
const BOOL_VALUE = tagOf(2, WIRE_VARINT);
const INT_VALUE = tagOf(3, WIRE_VARINT);
const DOUBLE_VALUE = tagOf(4, WIRE_FIXED64);
const ARRAY_VALUE = tagOf(5, WIRE_BYTES);
const KVLIST_VALUE = tagOf(6, WIRE_BYTES);
const BYTES_VALUE = tagOf(7, WIRE_BYTES);
const KEY = tagOf(1, WIRE_BYTES);
const VALUE = tagOf(2, WIRE_BYTES);
const REPEATED = tagOf(1, WIRE_BYTES);

export function readTime(reader: WireReader, target: UnixNano): void {
  const at = reader.fixed64();
  setFromWords(target, reader.words.getUint32(at, true), reader.words.getUint32(at + 4, true));
}

/** Reads an AnyValue from the reader's position up to `end`; an empty one is null. */
export function readAnyValue(reader: WireReader, end: number, depth = 0): AnyValue {
  if (depth > MAX_VALUE_DEPTH) throw undecodable("an attribute value is nested too deeply");
  let value: AnyValue = null;
  while (reader.pos < end) {
    const tag = reader.tag();
    switch (tag) {
      case STRING_VALUE: {
        const stop = reader.limit(end);
        value = reader.text(reader.pos, stop);
        reader.pos = stop;
        break;
      }
      case BOOL_VALUE:
        reader.varint64();
        value = reader.lo !== 0 || reader.hi !== 0;
        break;
      case INT_VALUE:
        reader.varint64();
        value = int64Value(reader.lo, reader.hi);
        break;
      case DOUBLE_VALUE:
        value = reader.double();
        break;
      case ARRAY_VALUE:
        value = readArray(reader, reader.limit(end), depth + 1);
        break;
      case KVLIST_VALUE:
        value = readKeyValueList(reader, reader.limit(end), depth + 1);
        break;
      case BYTES_VALUE: {
        const stop = reader.limit(end);
        value = base64(reader.bytes.subarray(reader.pos, stop));
        reader.pos = stop;
        break;
      }
      default:
        reader.skip(tag, end);
    }
    reader.ensureWithin(end);
  }
  return value;
}

/** Reads one KeyValue from the reader's position up to `end` into `into`; the last of equal keys wins. */
export function readKeyValue(reader: WireReader, end: number, into: AnyValueMap, depth = 0): void {
  let key = "";
  let value: AnyValue = null;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === KEY) {
      const stop = reader.limit(end);
      key = reader.text(reader.pos, stop);
      reader.pos = stop;
    } else if (tag === VALUE) value = readAnyValue(reader, reader.limit(end), depth);
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  into.set(key, value);
}

/** Reads a message's attributes and nothing else of it. @param tag that of its repeated KeyValue field */
export function readAttributesOf(reader: WireReader, start: number, end: number, attributesTag: number): AnyValueMap {
  const attributes: AnyValueMap = new Map();
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === attributesTag) readKeyValue(reader, reader.limit(end), attributes);
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return attributes;
}

/** @returns lower-case hex, or undefined when the id is zero or of another length */
export function readId(reader: WireReader, end: number, length: 16 | 32): string | undefined {
  const stop = reader.limit(end);
  let hex = "";
  if (stop - reader.pos === length / 2) {
    for (let index = reader.pos; index < stop; index += 1) hex += HEX[reader.bytes[index]!];
  }
  reader.pos = stop;
  return correlationId(hex, length);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function readArray(reader: WireReader, end: number, depth: number): AnyValue[] {
  const values: AnyValue[] = [];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === REPEATED) values.push(readAnyValue(reader, reader.limit(end), depth));
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return values;
}

function readKeyValueList(reader: WireReader, end: number, depth: number): AnyValueMap {
  const map: AnyValueMap = new Map();
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === REPEATED) readKeyValue(reader, reader.limit(end), map, depth);
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return map;
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes.subarray(0, MAX_SHOWN_BYTES)));
}
