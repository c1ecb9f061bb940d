/** Finds a few attributes among many without decoding the others: nearly every attribute is walked past after a look at the length
 *  of its key. A KeyValue is `0x0a length key  0x12 length AnyValue`; encoders that order it otherwise are read the slow way. */
import type { AnyValue, AnyValueMap } from "./any-value.ts";
import { readAnyValue, readKeyValue, tagOf } from "./protobuf-values.ts";
import { WIRE_BYTES, type WireReader } from "./wire-reader.ts";

const KEY = tagOf(1, WIRE_BYTES);
const VALUE = tagOf(2, WIRE_BYTES);

export interface AttributeScan {
  /** by the length of a key, as its first byte on the wire: 1 when the attribute must be visited */
  readonly mustVisit: Uint8Array;
  /** forget what the last record had */
  reset(): void;
  /** looks at the KeyValue from the reader's position up to `end`; leaves the reader at `end` */
  visit(end: number): void;
  /** @returns undefined when there is none; null when it is empty. Moves the reader */
  value(nameIndex: number): AnyValue | undefined;
}

/** @param names at most 31 attribute names of ASCII characters, each shorter than 128 */
export function createAttributeScan(reader: WireReader, names: readonly string[]): AttributeScan {
  const { bytes } = reader;
  const encoder = new TextEncoder();
  const byLength: { index: number; key: Uint8Array }[][] = Array.from({ length: 128 }, () => []);
  names.forEach((name, index) => {
    const key = encoder.encode(name);
    byLength[key.length]!.push({ index, key });
  });
  // keys of 128 bytes and more spell their length in several bytes
  const mustVisit = new Uint8Array(256).fill(1, 128);
  byLength.forEach((candidates, length) => {
    if (candidates.length > 0) mustVisit[length] = 1;
  });
  const starts = new Int32Array(names.length);
  const ends = new Int32Array(names.length);
  let found = 0;

  function note(index: number, start: number, end: number): void {
    found |= 1 << index;
    starts[index] = start;
    ends[index] = end;
  }

  return {
    mustVisit,
    reset: () => {
      found = 0;
    },
    visit: (end) => {
      const start = reader.pos;
      reader.pos = end;
      const keyLength = bytes[start + 1]!;
      if (bytes[start] !== KEY || keyLength >= 0x80 || end - start < 2) {
        if (end > start) visitSlowly(start, end);
        return;
      }
      const candidates = byLength[keyLength]!;
      for (let index = 0; index < candidates.length; index += 1) {
        const candidate = candidates[index]!;
        if (matches(bytes, start + 2, candidate.key)) note(candidate.index, start, end);
      }
    },
    value: (index) => {
      if ((found & (1 << index)) === 0) return undefined;
      return readValue(reader, starts[index]!, ends[index]!);
    },
  };

  function visitSlowly(start: number, end: number): void {
    const pair: AnyValueMap = new Map();
    reader.pos = start;
    readKeyValue(reader, end, pair);
    reader.pos = end;
    for (const key of pair.keys()) {
      const index = names.indexOf(key);
      if (index >= 0) note(index, start, end);
    }
  }
}

function readValue(reader: WireReader, start: number, end: number): AnyValue {
  let value: AnyValue = null;
  reader.pos = start;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === VALUE) value = readAnyValue(reader, reader.limit(end));
    else reader.skip(tag, end);
    reader.ensureWithin(end);
  }
  return value;
}

/** Compares from the end: names share their beginnings. */
export function matches(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  for (let index = key.length - 1; index >= 0; index -= 1) {
    if (bytes[start + index] !== key[index]) return false;
  }
  return true;
}
