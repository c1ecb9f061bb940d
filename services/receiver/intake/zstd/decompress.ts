/** Decompresses Zstandard (RFC 8878) within a bound, for Nodes before 22.15, which have no native one. The output is its own window, so
 *  memory follows what is really there and not what a header claims; every copy is checked against the block's bound, so time does too.
 *  Left out: dictionaries (refused), content checksums (skipped; native zstd compares them). */
import { tooLarge } from "../too-large.ts";
import { type FrameState, Output } from "./frame-state.ts";
import { BLOCK_HEADER_BYTES, BLOCK_RAW, BLOCK_RLE, blockHeader, walkFrames, type ZstdFrame } from "./frames.ts";
import { readLiterals } from "./literals.ts";
import { readSequences } from "./sequences.ts";

/** @param maxBytes of the result @throws TOO_LARGE; any other error when it is not Zstandard */
export function decompressZstd(body: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Output();
  for (const frame of walkFrames(body, maxBytes)) decompressFrame(body, frame, output, maxBytes);
  return output.bytes.subarray(0, output.size);
}

function decompressFrame(body: Uint8Array, frame: ZstdFrame, output: Output, maxBytes: number): void {
  const state: FrameState = { frame, outputAt: output.size, huffman: null, tables: {}, offsets: [1, 4, 8] };
  let at = frame.blocksAt;
  for (let isLast = false; !isLast; ) {
    // the walk has made sure that it is there
    const header = blockHeader(body[at]! | (body[at + 1]! << 8) | (body[at + 2]! << 16));
    isLast = header.isLast;
    at += BLOCK_HEADER_BYTES;
    output.reserve(frame.maxBlockBytes);
    if (header.type === BLOCK_RLE) {
      output.bytes.fill(body[at]!, output.size, output.size + header.size);
      output.size += header.size;
      at += 1;
    } else {
      const end = at + header.size;
      if (header.type === BLOCK_RAW) {
        output.bytes.set(body.subarray(at, end), output.size);
        output.size += header.size;
      } else decompressBlock(body, at, end, state, output);
      at = end;
    }
    if (output.size > maxBytes) throw tooLarge(maxBytes);
  }
  if (frame.contentBytes !== null && output.size - state.outputAt !== frame.contentBytes) {
    throw new Error("a frame is not as long as it says");
  }
}

function decompressBlock(body: Uint8Array, start: number, end: number, state: FrameState, output: Output): void {
  const literals = readLiterals(body, start, end, state);
  readSequences(body, literals.at, end, state, literals.bytes, output);
}
