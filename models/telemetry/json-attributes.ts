/** Looks over a record's attributes in JSON, a list of `{"key":"…","value":{…}}`, and notes where the values of a few names stand. */

import type { AnyValue, AnyValueMap } from "./any-value.ts";
import { undecodable } from "./decode-error.ts";
import { anyValueAt, attributesAt, PAIR_MIDDLE, PAIR_OPENING, STRING_VALUE } from "./json-any-value.ts";
import { LIST, OBJECT, OBJECT_END, QUOTE } from "./json-grammar.ts";
import type { JsonReader } from "./json-reader.ts";

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
    const keyStart = pos + PAIR_OPENING.length;
    const keyEnd = PAIR_OPENING.isAt(words, pos) ? reader.plainEnd(keyStart) : -1;
    let index = -1;
    let isText = true;
    let valueAt = -1;
    let more: boolean;
    if (keyEnd >= 0 && PAIR_MIDDLE.isAt(words, keyEnd)) {
      // as encoders write it: few steps instead of twenty
      index = this.#keys.find(words, keyStart, keyEnd);
      valueAt = keyEnd + PAIR_MIDDLE.length;
      if (this.#skipPlainText(valueAt)) {
        this.#note(index, valueAt);
        return;
      }
      reader.enter();
      reader.pos = valueAt;
      reader.skip();
      more = reader.more(OBJECT);
    } else more = reader.open(OBJECT);
    for (; more; more = reader.more(OBJECT)) {
      const field = reader.field(PAIR);
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
    this.#note(index, valueAt);
  }

  /** Walks past the rest of a pair, `{"stringValue":"…"}}`. @returns false when it is anything else; the reader then has not moved */
  #skipPlainText(valueAt: number): boolean {
    const reader = this.#reader;
    const { bytes, words } = reader;
    if (!STRING_VALUE.isAt(words, valueAt)) return false;
    const end = reader.plainEnd(valueAt + STRING_VALUE.length);
    if (bytes[end] !== QUOTE || bytes[end + 1] !== OBJECT_END || bytes[end + 2] !== OBJECT_END) return false;
    reader.passNested(2);
    reader.pos = end + 3;
    return true;
  }

  #note(index: number, valueAt: number): void {
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
