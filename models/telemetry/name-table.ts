/** Recognises a few names among bytes without decoding them: a name's length and last byte lead to its place, and only there are
 *  bytes compared. Immutable, so one table serves every request. */
const SLOTS = 1024;

/** Tells by index which name a text is. */
export interface Names {
  /** @returns index of the name that stands in [start, end), or -1 */
  find(bytes: Uint8Array, start: number, end: number): number;
  /** @returns index of a name that was decoded, or -1 */
  indexOf(name: string): number;
}

export class NameTable implements Names {
  readonly names: readonly string[];
  readonly #keys: readonly Uint8Array[];
  /** by `slotOf`: 1 + index of the last name there, 0 where there is none. Open to loops that look here first */
  readonly slots = new Uint8Array(SLOTS);
  /** by name: 1 + index of another one in the same slot */
  readonly #others: Uint8Array;

  /** @param names at most 31, of ASCII characters, none empty */
  constructor(names: readonly string[]) {
    const encoder = new TextEncoder();
    this.names = names;
    this.#keys = names.map((name) => encoder.encode(name));
    this.#others = new Uint8Array(names.length);
    this.#keys.forEach((key, index) => {
      const slot = slotOf(key.length, key[key.length - 1]!);
      this.#others[index] = this.slots[slot]!;
      this.slots[slot] = index + 1;
    });
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const candidate = this.slots[slotOf(end - start, bytes[end - 1]!)]!;
    return candidate === 0 ? -1 : this.#findFrom(candidate, bytes, start, end);
  }

  indexOf(name: string): number {
    return this.names.indexOf(name);
  }

  #findFrom(first: number, bytes: Uint8Array, start: number, end: number): number {
    for (let candidate = first; candidate !== 0; candidate = this.#others[candidate - 1]!) {
      const key = this.#keys[candidate - 1]!;
      if (key.length === end - start && matches(bytes, start, key)) return candidate - 1;
    }
    return -1;
  }
}

export function slotOf(length: number, lastByte: number): number {
  return ((length << 5) ^ lastByte) & (SLOTS - 1);
}

/** Compares from the end: names share their beginnings. */
export function matches(bytes: Uint8Array, start: number, key: Uint8Array): boolean {
  for (let index = key.length - 1; index >= 0; index -= 1) {
    if (bytes[start + index] !== key[index]) return false;
  }
  return true;
}
