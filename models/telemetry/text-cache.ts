/** Texts that repeat, decoded once: keys, peers and codes in nearly every record, stack traces in the errors of one fault. Both tables
 *  are direct-mapped: each text has one place, found by its length and a few of its bytes, and the newest text has it. So a
 *  lookup costs one comparison, memory is bounded, and texts that never repeat only cost the decoding that they cost anyway.
 *
 *  A cache may outlive a request, because what it answers depends on the bytes alone. It belongs to one thread.
 *  Text is lenient UTF-8: bad sequences become U+FFFD. */

const SHORT_SLOTS = 1024;
const MAX_SHORT_BYTES = 64;
const LONG_SLOTS = 32;
/** with the slots, at most 3 MiB: a copy of the bytes, and at most two bytes a character */
const MAX_LONG_BYTES = 32 * 1024;

interface LongText {
  bytes: Uint8Array;
  words: DataView;
  isEscaped: boolean;
  text: string;
}

export class TextCache {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** texts of ASCII only: those can be compared with bytes as they are */
  readonly #short: string[] = new Array(SHORT_SLOTS).fill("");
  readonly #long: (LongText | undefined)[] = new Array(LONG_SLOTS).fill(undefined);

  /** The text in [start, end). @param words a view of all of `bytes` */
  text(bytes: Uint8Array, words: DataView, start: number, end: number): string {
    const length = end - start;
    if (length > MAX_SHORT_BYTES) return this.#longText(bytes, words, start, end, false);
    if (length === 0) return "";
    const slot = sample(bytes, start, end) & (SHORT_SLOTS - 1);
    const known = this.#short[slot]!;
    if (known.length === length && isSameText(known, bytes, start)) return known;
    const text = this.#decoder.decode(bytes.subarray(start, end));
    if (text.length === length) this.#short[slot] = text;
    return text;
  }

  /** The same of a JSON text with escapes, known to be well-formed. @param start @param end without its quotes */
  escapedText(bytes: Uint8Array, words: DataView, start: number, end: number): string {
    return end - start > MAX_SHORT_BYTES
      ? this.#longText(bytes, words, start, end, true)
      : this.#decode(bytes, start, end, true);
  }

  #longText(bytes: Uint8Array, words: DataView, start: number, end: number, isEscaped: boolean): string {
    if (end - start > MAX_LONG_BYTES) return this.#decode(bytes, start, end, isEscaped);
    const slot = sample(bytes, start, end) & (LONG_SLOTS - 1);
    const known = this.#long[slot];
    if (
      known !== undefined &&
      known.bytes.length === end - start &&
      known.isEscaped === isEscaped &&
      isSameLongText(known, bytes, words, start)
    ) {
      return known.text;
    }
    const text = this.#decode(bytes, start, end, isEscaped);
    const copy = bytes.slice(start, end);
    this.#long[slot] = { bytes: copy, words: new DataView(copy.buffer), isEscaped, text };
    return text;
  }

  #decode(bytes: Uint8Array, start: number, end: number, isEscaped: boolean): string {
    // a JSON text is read with its quotes
    return isEscaped
      ? JSON.parse(this.#decoder.decode(bytes.subarray(start - 1, end + 1)))
      : this.#decoder.decode(bytes.subarray(start, end));
  }
}

/** Names of one family share their beginnings, and numbered ones all but their last characters. */
function sample(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let hash = length;
  hash = Math.imul(hash, 31) + bytes[start]!;
  hash = Math.imul(hash, 31) + bytes[start + (length >> 1)]!;
  hash = Math.imul(hash, 31) + bytes[end - 1 - (length >> 2)]!;
  hash = Math.imul(hash, 31) + bytes[end - 1]!;
  return hash ^ (hash >>> 10);
}

function isSameText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

/** Four bytes at a time. */
function isSameLongText(known: LongText, bytes: Uint8Array, words: DataView, start: number): boolean {
  const { length } = known.bytes;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    if (known.words.getInt32(index) !== words.getInt32(start + index)) return false;
  }
  for (; index < length; index += 1) {
    if (known.bytes[index] !== bytes[start + index]) return false;
  }
  return true;
}
