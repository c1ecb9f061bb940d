/** A text of ASCII characters that is looked for among bytes, four at a time. */
export class Literal {
  readonly length: number;
  readonly firstByte: number;
  readonly lastByte: number;
  /** its bytes by fours, without the last four */
  readonly #words: Int32Array;
  /** the last four bytes, which may overlap those before; of a shorter text what it has, above zeros */
  readonly #end: number;

  /** @param text not empty */
  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    this.length = bytes.length;
    this.firstByte = bytes[0]!;
    this.lastByte = bytes[bytes.length - 1]!;
    const view = new DataView(Uint8Array.of(0, 0, 0, 0, ...bytes).buffer);
    this.#words = Int32Array.from({ length: Math.max(0, Math.ceil(bytes.length / 4) - 1) }, (_, index) =>
      view.getInt32(4 + 4 * index, true),
    );
    this.#end = view.getInt32(bytes.length, true);
  }

  /** Whether the text begins at `start`. */
  isAt(words: DataView, start: number): boolean {
    const end = start + this.length;
    if (end > words.byteLength || end < 4) return false;
    const wanted = this.#words;
    for (let index = 0; index < wanted.length; index += 1) {
      if (words.getInt32(start + 4 * index, true) !== wanted[index]) return false;
    }
    const missing = 4 - this.length;
    const last = words.getInt32(end - 4, true);
    // the bytes before a short text are none of its own
    return missing > 0 ? last >> (8 * missing) === this.#end >> (8 * missing) : last === this.#end;
  }
}
