/** JSON (RFC 8259), read by hand over one byte array; the twin of WireReader. It accepts exactly what `JSON.parse` accepts of the
 *  body decoded as lenient UTF-8, and walks past what nobody asks for without building it. Its bounds are ours: how deep objects
 *  and lists nest, and how many there are.
 *
 *  When a field's name is repeated, the last one counts. A reader that acts on fields as they come cannot know that another will
 *  follow, so there are two ways through an object: `fields` acts at once and refuses repetitions; a *careful* reader first
 *  looks the whole object over and then acts on the last ones, in the order of the table. Who is refused reads again carefully
 *  (json-envelope.ts), and so pays for the strange order alone. */
import { TelemetryDecodeError, undecodable } from "./decode-error.ts";
import {
  COLON,
  COMMA,
  LIST,
  LIST_END,
  NULL,
  notJson,
  OBJECT,
  OBJECT_END,
  PLAIN,
  pastBare,
  pastByte,
  pastEscape,
  pastSpace,
  QUOTE,
  SPACE,
  wordOf,
} from "./json-grammar.ts";
import type { Names, NameTable } from "./name-table.ts";
import { TextCache } from "./text-cache.ts";

const MAX_JSON_DEPTH = 128;
/** A request of the default maximum size, 64 MiB, has at most one object or list in 16 bytes. */
const MAX_JSON_CONTAINERS = 4 * 1024 * 1024;

export class JsonReader {
  readonly bytes: Uint8Array;
  /** a view of all of `bytes` */
  readonly words: DataView;
  readonly #lastWordAt: number;
  pos = 0;
  /** the text that was read last, without its quotes */
  textStart = 0;
  textEnd = 0;
  isEscaped = false;
  readonly #texts: TextCache;
  #isCareful = false;
  #depth = 0;
  #containerCount = 0;

  constructor(body: Uint8Array, texts = new TextCache()) {
    // a Buffer is another class than a Uint8Array, and code that meets both is compiled for both
    this.bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    this.words = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#lastWordAt = body.byteLength - 4;
    this.#texts = texts;
    this.#begin();
  }

  /** Back to the start, to read carefully. */
  restart(): void {
    this.#isCareful = true;
    this.#begin();
  }

  #begin(): void {
    const { bytes } = this;
    this.pos = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    this.#depth = 0;
    this.#containerCount = 0;
  }

  /** @returns the first byte of what comes next, white space walked past */
  peek(): number {
    const byte = this.bytes[this.pos]!;
    if (byte > SPACE) return byte;
    this.pos = pastSpace(this.bytes, this.pos);
    return this.bytes[this.pos]!;
  }

  /** To be called after the last value: nothing but white space may follow. */
  end(): void {
    if (pastSpace(this.bytes, this.pos) < this.bytes.length) throw notJson();
  }

  /** Enters an object or a list, on which the reader stands. @returns false when it is empty, and left again */
  open(bracket: typeof OBJECT | typeof LIST): boolean {
    this.enter();
    this.pos += 1;
    if (this.peek() !== bracket + 2) return true;
    this.#close();
    return false;
  }

  /** Counts an object or a list that is entered. @throws TelemetryDecodeError when it is too deep, or one too many */
  enter(): void {
    this.passNested(1);
    this.#depth += 1;
  }

  /** Counts objects, each within the one before, that were walked past by other means. @throws TelemetryDecodeError as for one that is entered */
  passNested(count: number): void {
    this.#containerCount += count;
    if (this.#depth + count > MAX_JSON_DEPTH) throw undecodable("the JSON is nested too deeply");
    if (this.#containerCount > MAX_JSON_CONTAINERS) {
      throw new TelemetryDecodeError("too_large", "the JSON has too many objects");
    }
  }

  /** After a value within an object or a list. @returns false when that was the last one */
  more(bracket: typeof OBJECT | typeof LIST): boolean {
    const byte = this.peek();
    if (byte === COMMA) {
      this.pos += 1;
      return true;
    }
    // a bracket closes two bytes after the one that opens it
    if (byte !== bracket + 2) throw notJson();
    this.#close();
    return false;
  }

  #close(): void {
    this.pos += 1;
    this.#depth -= 1;
  }

  /** Reads a field's name up to its value. */
  key(): void {
    if (this.peek() !== QUOTE) throw notJson();
    this.text();
    this.pos = pastByte(this.bytes, this.pos, COLON);
  }

  /** Which of the names the text is that was read last. @returns its index, or -1 */
  match(names: Names): number {
    return this.isEscaped ? names.indexOf(this.string()) : names.find(this.words, this.textStart, this.textEnd);
  }

  /** Reads a field's name up to its value. @returns its index in the table, or -1 */
  field(table: NameTable): number {
    const { bytes, words } = this;
    const start = this.pos + 1;
    const end = bytes[this.pos] === QUOTE ? this.plainEnd(start) : -1;
    if (end >= 0 && bytes[end] === QUOTE && bytes[end + 1] === COLON) {
      this.pos = end + 2;
      return table.find(words, start, end);
    }
    // with white space or escapes
    this.key();
    return this.match(table);
  }

  /** Walks past the text on which the reader stands, and notes where it is. */
  text(): void {
    const { bytes } = this;
    const start = this.pos + 1;
    let end = this.plainEnd(start);
    this.isEscaped = bytes[end] !== QUOTE;
    if (this.isEscaped) end = this.#pastText(this.pos) - 1;
    this.textStart = start;
    this.textEnd = end;
    this.pos = end + 1;
  }

  /** The text that was read last. */
  string(): string {
    const { textStart, textEnd } = this;
    return this.isEscaped
      ? this.#texts.escapedText(this.bytes, this.words, textStart, textEnd)
      : this.#texts.text(this.bytes, this.words, textStart, textEnd);
  }

  /** Walks past a value. */
  skip(): void {
    this.pos = this.#past(this.pos);
  }

  /** @returns the position after the value that begins at `start` or, after white space, later */
  #past(start: number): number {
    const { bytes } = this;
    let pos = start;
    let byte = bytes[pos]!;
    if (byte <= SPACE) {
      pos = pastSpace(bytes, pos);
      byte = bytes[pos]!;
    }
    if (byte === QUOTE) return this.#pastText(pos);
    if (byte === OBJECT) return this.#pastObject(pos);
    if (byte === LIST) return this.#pastList(pos);
    return pastBare(bytes, this.words, pos);
  }

  #pastText(start: number): number {
    const { bytes } = this;
    let pos = this.plainEnd(pastByte(bytes, start, QUOTE));
    while (bytes[pos] !== QUOTE) pos = this.plainEnd(pastEscape(bytes, pos));
    return pos + 1;
  }

  #pastObject(start: number): number {
    const { bytes } = this;
    this.enter();
    let pos = pastSpace(bytes, start + 1);
    let byte = bytes[pos]!;
    if (byte !== OBJECT_END) {
      do {
        pos = this.#past(pastByte(bytes, this.#pastText(pos), COLON));
        byte = bytes[pos]!;
        if (byte <= SPACE) {
          pos = pastSpace(bytes, pos);
          byte = bytes[pos]!;
        }
        pos += 1;
      } while (byte === COMMA);
      if (byte !== OBJECT_END) throw notJson();
      pos -= 1;
    }
    this.#depth -= 1;
    return pos + 1;
  }

  #pastList(start: number): number {
    const { bytes } = this;
    this.enter();
    let pos = pastSpace(bytes, start + 1);
    if (bytes[pos] !== LIST_END) {
      pos = pastSpace(bytes, this.#past(pos));
      while (bytes[pos] === COMMA) pos = pastSpace(bytes, this.#past(pos + 1));
      if (bytes[pos] !== LIST_END) throw notJson();
    }
    this.#depth -= 1;
    return pos + 1;
  }

  /** Four bytes at a time, for most of what a request has is text.
   *  @returns the position of the first byte from `start` on that does not stand for itself within a text */
  plainEnd(start: number): number {
    const { words } = this;
    const last = this.#lastWordAt;
    let pos = start;
    while (pos <= last) {
      const word = words.getInt32(pos, true);
      // "Has a byte less than n": Anderson, Bit Twiddling Hacks. With their second bit turned, quotes are below 0x21 as control
      // characters are, and spaces are not; backslashes become 0.
      const low = word ^ 0x02020202;
      const backslash = word ^ 0x5c5c5c5c;
      const special = (((low - 0x21212121) & ~low) | ((backslash - 0x01010101) & ~backslash)) & 0x80808080;
      if (special !== 0) return pos + ((31 - Math.clz32(special & (0 - special))) >> 3);
      pos += 4;
    }
    while (pos < this.bytes.length && PLAIN[this.bytes[pos]!] === 1) pos += 1;
    return pos;
  }

  /** Walks past a null. @returns false when something else stands here */
  skipNull(): boolean {
    if (this.peek() !== NULL) return false;
    this.skip();
    return true;
  }

  /** Builds a value, as `JSON.parse` would. */
  value(): unknown {
    const byte = this.peek();
    if (byte === QUOTE) {
      this.text();
      return this.string();
    }
    if (byte === OBJECT) return this.#object();
    if (byte === LIST) {
      const list: unknown[] = [];
      for (let more = this.open(LIST); more; more = this.more(LIST)) list.push(this.value());
      return list;
    }
    const start = this.pos;
    this.pos = pastBare(this.bytes, this.words, start);
    const word = wordOf(byte);
    return word === undefined ? Number(this.#texts.text(this.bytes, this.words, start, this.pos)) : word.value;
  }

  #object(): object {
    const object: Record<string, unknown> = {};
    for (let more = this.open(OBJECT); more; more = this.more(OBJECT)) {
      this.key();
      const name = this.string();
      const value = this.value();
      // no reader asks for a field of this name, and to set it would mean something else
      if (name !== "__proto__") object[name] = value;
    }
    return object;
  }

  /** Goes back to a value that was walked past, reads it, and returns. @param at negative: there is none */
  again<T>(at: number, read: () => T): T | undefined {
    if (at < 0) return undefined;
    const { pos } = this;
    const containerCount = this.#containerCount;
    this.pos = at;
    const value = read();
    this.pos = pos;
    this.#containerCount = containerCount;
    return value;
  }

  /** The value at a position that was walked past. @returns undefined when there is none */
  valueAt(at: number): unknown {
    return this.again(at, () => this.value());
  }

  /** Reads a list. null is an empty one. @param item must read one value @throws when something else stands here */
  list(what: string, item: () => void): void {
    if (this.skipNull()) return;
    if (this.peek() !== LIST) throw undecodable(`${what} is not a list`);
    for (let more = this.open(LIST); more; more = this.more(LIST)) item();
  }

  /** Reads an object. @param field must read the value of a field of the table @throws when something else stands here */
  fields(what: string, table: NameTable, field: (index: number) => void): void {
    if (this.peek() !== OBJECT) throw undecodable(`${what} is not an object`);
    if (this.#isCareful) {
      this.#fieldsCarefully(table, field);
      return;
    }
    let seen = 0;
    for (let more = this.open(OBJECT); more; more = this.more(OBJECT)) {
      const index = this.field(table);
      if (index < 0) this.skip();
      else {
        if ((seen & (1 << index)) !== 0) throw undecodable(`${what} repeats a field`);
        seen |= 1 << index;
        field(index);
      }
    }
  }

  #fieldsCarefully(table: NameTable, field: (index: number) => void): void {
    const at: number[] = table.names.map(() => -1);
    for (let more = this.open(OBJECT); more; more = this.more(OBJECT)) {
      const index = this.field(table);
      if (index >= 0) at[index] = this.pos;
      this.skip();
    }
    for (const [index, position] of at.entries()) this.again(position, () => field(index));
  }
}
