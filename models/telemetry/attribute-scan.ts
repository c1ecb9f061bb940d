/** Finds a few attributes among many without decoding the others: nearly every attribute is walked past after a look at its key.
 *  A KeyValue is `0x0a length key  0x12 length AnyValue`; encoders that order it otherwise are read the slow way. */
import type { AnyValue, AnyValueMap } from "./any-value.ts";
import type { NameTable } from "./name-table.ts";
import { readAnyValue, readKeyValue, tagOf } from "./protobuf-values.ts";
import { WIRE_BYTES, type WireReader } from "./wire-reader.ts";

const KEY = tagOf(1, WIRE_BYTES);
const VALUE = tagOf(2, WIRE_BYTES);

export class AttributeScan {
  readonly #reader: WireReader;
  readonly #names: NameTable;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** bit by bit, which names the record has */
  #found = 0;

  constructor(reader: WireReader, names: NameTable) {
    this.#reader = reader;
    this.#names = names;
    this.#starts = new Int32Array(names.names.length);
    this.#ends = new Int32Array(names.names.length);
  }

  /** Forgets what the last record had. */
  reset(): void {
    this.#found = 0;
  }

  /** Looks at the KeyValue in [start, end); leaves the reader anywhere. */
  visit(start: number, end: number): void {
    const { bytes, words } = this.#reader;
    const keyLength = bytes[start + 1]!;
    if (bytes[start] === KEY && keyLength < 0x80 && end - start >= 2) {
      const keyStart = start + 2;
      this.#note(this.#names.find(words, keyStart, keyStart + keyLength), start, end);
    } else if (end > start) this.#visitSlowly(start, end);
  }

  /** @returns undefined when there is none; null when it is empty. Moves the reader */
  value(nameIndex: number): AnyValue | undefined {
    if ((this.#found & (1 << nameIndex)) === 0) return undefined;
    return readValue(this.#reader, this.#starts[nameIndex]!, this.#ends[nameIndex]!);
  }

  #note(index: number, start: number, end: number): void {
    if (index < 0) return;
    this.#found |= 1 << index;
    this.#starts[index] = start;
    this.#ends[index] = end;
  }

  #visitSlowly(start: number, end: number): void {
    const pair: AnyValueMap = new Map();
    this.#reader.pos = start;
    readKeyValue(this.#reader, end, pair);
    for (const key of pair.keys()) this.#note(this.#names.indexOf(key), start, end);
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
