/** The literals of a compressed Zstandard block (RFC 8878, section 3.1.1.3.1): as they are, one byte repeated, or Huffman codes in one
 *  stream or four. */
import { BackwardBits, type HuffmanTable, readHuffmanTable } from "./entropy.ts";
import type { FrameState } from "./frame-state.ts";

const LITERALS_RAW = 0;
const LITERALS_RLE = 1;
const LITERALS_COMPRESSED = 2;
const JUMP_TABLE_BYTES = 6;

export interface Literals {
  bytes: Uint8Array;
  /** where they end in the block */
  at: number;
}

export function readLiterals(body: Uint8Array, start: number, end: number, state: FrameState): Literals {
  const first = body[start] ?? 0;
  const type = first & 3;
  const format = (first >> 2) & 3;
  const isPlain = type === LITERALS_RAW || type === LITERALS_RLE;
  const headerBytes = isPlain ? [1, 2, 1, 3][format]! : [3, 3, 4, 5][format]!;
  if (start + headerBytes > end) throw new Error("literals are cut short");
  // at most 40 bits, which a double holds
  let header = 0;
  for (let index = headerBytes - 1; index >= 0; index -= 1) header = header * 256 + body[start + index]!;
  const at = start + headerBytes;
  if (isPlain) {
    const size = Math.floor(header / (headerBytes === 1 ? 8 : 16));
    checkSize(size, state);
    const stop = at + (type === LITERALS_RAW ? size : 1);
    if (stop > end) throw new Error("literals are cut short");
    const bytes = type === LITERALS_RAW ? body.subarray(at, stop) : new Uint8Array(size).fill(body[at]!);
    return { bytes, at: stop };
  }
  const sizeBits = [10, 10, 14, 18][format]!;
  const sizes = Math.floor(header / 16);
  const size = sizes % 2 ** sizeBits;
  const stop = at + Math.floor(sizes / 2 ** sizeBits);
  checkSize(size, state);
  if (stop > end) throw new Error("literals are cut short");
  let codesAt = at;
  if (type === LITERALS_COMPRESSED) {
    const { table, at: tableEnd } = readHuffmanTable(body, at, stop);
    state.huffman = table;
    codesAt = tableEnd;
  }
  if (state.huffman === null) throw new Error("there is no earlier Huffman table");
  const bytes = new Uint8Array(size);
  if (format === 0) decodeStream(body, codesAt, stop, state.huffman, bytes);
  else decodeFourStreams(body, codesAt, stop, state.huffman, bytes);
  return { bytes, at: stop };
}

function checkSize(size: number, { frame }: FrameState): void {
  if (size > frame.maxBlockBytes) throw new Error("a block has too many literals");
}

/** A table of three lengths, then the streams; the fourth has what is left. */
function decodeFourStreams(body: Uint8Array, start: number, end: number, table: HuffmanTable, into: Uint8Array): void {
  const share = (into.length + 3) >> 2;
  if (start + JUMP_TABLE_BYTES > end || 3 * share > into.length) throw new Error("a jump table is not valid");
  let at = start + JUMP_TABLE_BYTES;
  for (let stream = 0; stream < 4; stream += 1) {
    const length = body[start + 2 * stream]! | (body[start + 2 * stream + 1]! << 8);
    const stop = stream === 3 ? end : at + length;
    if (stop > end) throw new Error("a jump table is not valid");
    decodeStream(
      body,
      at,
      stop,
      table,
      into.subarray(stream * share, stream === 3 ? into.length : (stream + 1) * share),
    );
    at = stop;
  }
}

function decodeStream(body: Uint8Array, start: number, end: number, table: HuffmanTable, into: Uint8Array): void {
  const bits = new BackwardBits(body, start, end);
  const { maxBits, symbols, bitCounts } = table;
  const mask = (1 << maxBits) - 1;
  let { left } = bits;
  let index = 0;
  // the same as `peek`, in place, as long as the code is whole and the word lies inside the body: this is where the time goes
  const last = body.length - 4 - start;
  for (; index < into.length && left >= maxBits; index += 1) {
    const bit = left - maxBits;
    const byte = bit >>> 3;
    if (byte > last) break;
    const at = start + byte;
    const word = body[at]! | (body[at + 1]! << 8) | (body[at + 2]! << 16);
    const entry = (word >>> (bit & 7)) & mask;
    into[index] = symbols[entry]!;
    left -= bitCounts[entry]!;
  }
  bits.left = left;
  for (; index < into.length; index += 1) {
    const entry = bits.peek(maxBits);
    into[index] = symbols[entry]!;
    bits.left -= bitCounts[entry]!;
  }
  if (bits.left !== 0) throw new Error("a literal stream has the wrong length");
}
