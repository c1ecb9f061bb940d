/** Recognises a few names among bytes without decoding them: a name's length and last byte lead to its place, and only there are
 *  bytes compared. Immutable, so one table serves every request. */
import { Literal } from "./literal.ts";

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
  readonly #literals: readonly Literal[];
  /** by name: 1 + index of another one in the same slot */
  readonly #others: Uint8Array;

  /** @param names at most 31, of ASCII characters, none empty */
  constructor(names: readonly string[]) {
    this.names = names;
    this.#literals = names.map((name) => new Literal(name));
    this.#others = new Uint8Array(names.length);
    this.#literals.forEach((name, index) => {
      const slot = slotOf(name.length, name.lastByte);
      this.#others[index] = this.slots[slot]!;
      this.slots[slot] = index + 1;
    });
  }

  find(words: DataView, start: number, end: number): number {
    if (end > words.byteLength || end <= start) return -1;
    let candidate = this.slots[slotOf(end - start, words.getUint8(end - 1))]!;
    while (candidate !== 0) {
      const name = this.#literals[candidate - 1]!;
      if (name.length === end - start && name.isAt(words, start)) return candidate - 1;
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
