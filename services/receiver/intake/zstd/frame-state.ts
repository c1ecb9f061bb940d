/** What is kept between the blocks of one frame, and what they write to. */
import type { FseTable, HuffmanTable } from "./entropy.ts";
import type { ZstdFrame } from "./frames.ts";

const FIRST_OUTPUT_BYTES = 64 * 1024;

export interface SequenceTables {
  literalLengths: FseTable;
  offsets: FseTable;
  matchLengths: FseTable;
}

/** What later blocks of a frame may refer to. */
export interface FrameState {
  frame: ZstdFrame;
  /** where the frame's output starts */
  outputAt: number;
  huffman: HuffmanTable | null;
  tables: Partial<SequenceTables>;
  /** the last three offsets, newest first */
  offsets: [number, number, number];
}

export class Output {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_OUTPUT_BYTES);
  size = 0;

  /** Makes room for so many more bytes. */
  reserve(count: number): void {
    const needed = this.size + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.size));
    this.bytes = larger;
  }
}
