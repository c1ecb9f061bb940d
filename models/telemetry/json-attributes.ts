/** Looks over a record's attributes in JSON, a list of `{"key":"…","value":{…}}`, and notes where the values of a few names stand. */

import type { AnyValue, AnyValueMap } from "./any-value.ts";
import { undecodable } from "./decode-error.ts";
import { anyValueAt, attributesAt, PAIR_MIDDLE, PAIR_OPENING, STRING_VALUE } from "./json-any-value.ts";
import { type JsonReader, LIST, OBJECT, OBJECT_END, QUOTE } from "./json-reader.ts";

import { type Names, NameTable } from "./name-table.ts";

const PAIR = new NameTable(["key", "value"]);
const KEY = 0;
const VALUE = 1;

export class JsonAttributes {
  readonly #reader: JsonReader;
  readonly #keys: Names;
  readonly #valuesAt: Int32Array;
  /** bit by bit, which keys the record has */
  #found = 0;
  #listAt = -1;

  /** @param count of the indices that `keys` gives, at most 31 */
  constructor(reader: JsonReader, keys: Names, count: number) {
    this.#reader = reader;
    this.#keys = keys;
    this.#valuesAt = new Int32Array(count);
  }

  /** Forgets what the last record had. */
  reset(): void {
    this.#found = 0;
    this.#listAt = -1;
  }

  /** Reads the list on which the reader stands. */
  read(): void {
    const reader = this.#reader;
    if (reader.skipNull()) return;
    if (reader.peek() !== LIST) throw undecodable("attributes is not a list");
    this.#listAt = reader.pos;
    for (let more = reader.open(LIST); more; more = reader.more(LIST)) this.#readPair();
  }

  #readPair(): void {
    const reader = this.#reader;
    if (reader.peek() !== OBJECT) throw undecodable("an attribute is not an object");
    const { words, pos } = reader;
    let index = -1;
    let isText = true;
    let valueAt = -1;
    let more: boolean;
    const keyStart = pos + PAIR_OPENING.length;
    const keyEnd = PAIR_OPENING.isAt(words, pos) ? reader.plainEnd(keyStart) : -1;
    if (keyEnd >= 0 && PAIR_MIDDLE.isAt(words, keyEnd)) {
      // as encoders write it: two steps instead of twelve
      reader.enter();
      index = this.#keys.find(words, keyStart, keyEnd);
      valueAt = keyEnd + PAIR_MIDDLE.length;
      reader.pos = valueAt;
      skipValue(reader);
      more = reader.more(OBJECT);
    } else more = reader.open(OBJECT);
    for (; more; more = reader.more(OBJECT)) {
      reader.key();
      const field = reader.match(PAIR);
      if (field === KEY) {
        isText = reader.peek() === QUOTE;
        if (isText) {
          reader.text();
          index = reader.match(this.#keys);
        } else {
          index = -1;
          isText = reader.skipNull();
          if (!isText) reader.skip();
        }
      } else {
        if (field === VALUE) valueAt = reader.pos;
        reader.skip();
      }
    }
    if (!isText) throw undecodable("an attribute's key is not text");
    if (index < 0) return;
    this.#found |= 1 << index;
    this.#valuesAt[index] = valueAt;
  }

  hasAny(): boolean {
    return this.#found !== 0;
  }

  /** @returns undefined when there is none; null when it is empty */
  value(index: number): AnyValue | undefined {
    return (this.#found & (1 << index)) === 0 ? undefined : anyValueAt(this.#reader, this.#valuesAt[index]!);
  }

  /** All of them. */
  whole(): AnyValueMap {
    return attributesAt(this.#reader, this.#listAt);
  }
}

/** Walks past an AnyValue, most often a text. */
function skipValue(reader: JsonReader): void {
  if (STRING_VALUE.isAt(reader.words, reader.pos)) {
    const end = reader.plainEnd(reader.pos + STRING_VALUE.length);
    if (reader.bytes[end] === QUOTE && reader.bytes[end + 1] === OBJECT_END) {
      reader.enter();
      reader.leave();
      reader.pos = end + 2;
      return;
    }
  }
  reader.skip();
}
