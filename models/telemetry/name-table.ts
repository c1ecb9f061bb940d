/** Recognises a few names among bytes without decoding them: a name's length and last byte lead to its place, and only there are
 *  bytes compared. Immutable, so one table serves every request. */
const SLOTS = 1024;

/** Tells by index which name a text is. */
export interface Names {
  /** @returns index of the name that stands in [start, end), or -1 */
  find(words: DataView, start: number, end: number): number;
  /** @returns index of a name that was decoded, or -1 */
  indexOf(name: string): number;
}

export class NameTable implements Names {
  readonly names: readonly string[];
  /** by `slotOf`: 1 + index of the last name there, 0 where there is none. Open to loops that look here first */
  readonly slots = new Uint8Array(SLOTS);
  readonly #literals: readonly DataView[];
  /** by name: 1 + index of another one in the same slot */
  readonly #others: Uint8Array;

  /** @param names at most 31, of ASCII characters, none empty */
  constructor(names: readonly string[]) {
    this.names = names;
    this.#literals = names.map(literal);
    this.#others = new Uint8Array(names.length);
    this.#literals.forEach((name, index) => {
      const slot = slotOf(name.byteLength, name.getUint8(name.byteLength - 1));
      this.#others[index] = this.slots[slot]!;
      this.slots[slot] = index + 1;
    });
  }

  find(words: DataView, start: number, end: number): number {
    if (end > words.byteLength || end <= start) return -1;
    let candidate = this.slots[slotOf(end - start, words.getUint8(end - 1))]!;
    while (candidate !== 0) {
      const name = this.#literals[candidate - 1]!;
      if (name.byteLength === end - start && matches(words, start, name)) return candidate - 1;
      candidate = this.#others[candidate - 1]!;
    }
    return -1;
  }

  indexOf(name: string): number {
    return this.names.indexOf(name);
  }
}

export function slotOf(length: number, lastByte: number): number {
  return ((length << 5) ^ lastByte) & (SLOTS - 1);
}

/** Text of ASCII characters, to be compared with bytes. */
export function literal(text: string): DataView {
  return new DataView(new TextEncoder().encode(text).buffer);
}

/** Whether a text begins at `start`, four bytes at a time; the last four may overlap those before. */
export function matches(words: DataView, start: number, text: DataView): boolean {
  const length = text.byteLength;
  if (start + length > words.byteLength) return false;
  if (length < 4) {
    for (let index = 0; index < length; index += 1) {
      if (words.getUint8(start + index) !== text.getUint8(index)) return false;
    }
    return true;
  }
  for (let index = 0; index < length - 4; index += 4) {
    if (words.getInt32(start + index) !== text.getInt32(index)) return false;
  }
  return words.getInt32(start + length - 4) === text.getInt32(length - 4);
}
