/** Walks a Zstandard body (RFC 8878) from header to header without decoding it, so that what must be refused is refused before it costs
 *  anything: windows over the bound, dictionaries, more blocks than a body can need, truncation.
 *
 *      frame = magic · descriptor · [window] · [dictionary id] · [content size] · blocks · [checksum]
 *      block header, 3 bytes little-endian = last (1 bit) · type (2 bits) · size (21 bits) */
import { HarbingerError } from "../../../platform/errors.ts";
import { tooLarge } from "../too-large.ts";

export interface ZstdFrame {
  start: number;
  /** just after its last byte */
  end: number;
  /** where its first block's header is */
  blocksAt: number;
  windowBytes: number;
  /** of one block, before and after decompression */
  maxBlockBytes: number;
  /** after decompression; null when the header does not say */
  contentBytes: number | null;
}

export const BLOCK_RAW = 0;
export const BLOCK_RLE = 1;
const BLOCK_RESERVED = 3;
export const BLOCK_HEADER_BYTES = 3;

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAX_BLOCK_BYTES = 128 * 1024;
/** what RFC 8878 asks every decoder to support, and the largest that encoders use below their "ultra" levels */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
/** each costs tables of its own, whatever comes out of it: so many are 1 KiB each in a body of 64 MiB */
const MAX_BLOCKS = 65_536;

/** @param maxBytes of the result @throws TOO_LARGE; any other error when it is not Zstandard */
export function walkFrames(body: Uint8Array, maxBytes: number): ZstdFrame[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const frames: ZstdFrame[] = [];
  let blocks = 0;
  let at = 0;
  // a DataView throws when it is read past its end, which is how truncation shows
  while (at < body.length) {
    const magic = view.getUint32(at, true);
    if (magic >>> 4 === SKIPPABLE_MAGIC >>> 4) {
      at += 8 + view.getUint32(at + 4, true);
      if (at > body.length) throw new Error("a skippable frame is cut short");
      continue;
    }
    if (magic !== MAGIC) throw new Error("not a Zstandard frame");
    const { header: frame, hasChecksum } = readHeader(view, at + 4);
    const start = at;
    if (frame.contentBytes !== null && frame.contentBytes > maxBytes) throw tooLarge(maxBytes);
    // in one segment the window is the content, which the body's own bound covers
    if (frame.windowBytes !== frame.contentBytes && frame.windowBytes > MAX_WINDOW_BYTES) {
      throw new HarbingerError("TOO_LARGE", `the body needs a Zstandard window of more than ${MAX_WINDOW_BYTES} bytes`);
    }
    at = frame.blocksAt;
    for (let isLast = false; !isLast; ) {
      blocks += 1;
      if (blocks > MAX_BLOCKS)
        throw new HarbingerError("TOO_LARGE", `the body has more than ${MAX_BLOCKS} Zstandard blocks`);
      const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      const { type, size } = blockHeader(header);
      if (type === BLOCK_RESERVED || size > frame.maxBlockBytes) throw new Error("a block has no valid header");
      isLast = (header & 1) === 1;
      at += BLOCK_HEADER_BYTES + (type === BLOCK_RLE ? 1 : size);
    }
    if (hasChecksum) at += 4;
    if (at > body.length) throw new Error("a frame is cut short");
    frames.push({ ...frame, start, end: at });
  }
  if (frames.length === 0) throw new Error("there is no Zstandard frame");
  return frames;
}

export function blockHeader(header: number): { isLast: boolean; type: number; size: number } {
  return { isLast: (header & 1) === 1, type: (header >>> 1) & 3, size: header >>> 3 };
}

/** @param start just after the magic */
function readHeader(view: DataView, start: number): { header: Omit<ZstdFrame, "start" | "end">; hasChecksum: boolean } {
  const descriptor = view.getUint8(start);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new Error("a reserved bit is set");
  let at = start + 1;
  let windowBytes = 0;
  if (!isSingleSegment) {
    const window = view.getUint8(at);
    const base = 2 ** (10 + (window >>> 3));
    windowBytes = base + (base / 8) * (window & 7);
    at += 1;
  }
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  for (let index = 0; index < dictionaryIdBytes; index += 1) {
    if (view.getUint8(at + index) !== 0) throw new Error("a dictionary is needed");
  }
  at += dictionaryIdBytes;
  const contentSizeFlag = descriptor >>> 6;
  let contentBytes: number | null = null;
  if (contentSizeFlag === 3) {
    contentBytes = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    at += 8;
  } else if (contentSizeFlag === 2) {
    contentBytes = view.getUint32(at, true);
    at += 4;
  } else if (contentSizeFlag === 1) {
    contentBytes = view.getUint16(at, true) + 256;
    at += 2;
  } else if (isSingleSegment) {
    contentBytes = view.getUint8(at);
    at += 1;
  }
  if (isSingleSegment) windowBytes = contentBytes ?? 0;
  const maxBlockBytes = Math.min(MAX_BLOCK_BYTES, windowBytes);
  return {
    header: { blocksAt: at, windowBytes, maxBlockBytes, contentBytes },
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}
