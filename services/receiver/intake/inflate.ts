/** Inflates a body within a bound. Memory is taken as output is made, so a bomb of any size costs what the bound allows and no more. */
import * as zlib from "node:zlib";
import { HarbingerError } from "../../platform/errors.ts";
import { tooLarge } from "./too-large.ts";
import { decompressZstd } from "./zstd/decompress.ts";
import { walkFrames } from "./zstd/frames.ts";

export type Compression = "identity" | "gzip" | "deflate" | "zstd";

/** @param maxBytes of the result @throws TOO_LARGE, UNDECODABLE (not what it is said to be) */
export function inflate(body: Uint8Array, compression: Compression, maxBytes: number): Uint8Array {
  if (compression === "identity") {
    if (body.length > maxBytes) throw tooLarge(maxBytes);
    return body;
  }
  try {
    return INFLATERS[compression](body, { maxOutputLength: maxBytes, chunkSize: chunkSizeFor(body.length, maxBytes) });
  } catch (cause) {
    if (cause instanceof HarbingerError) throw cause;
    if (isBufferTooLarge(cause)) throw tooLarge(maxBytes);
    throw new HarbingerError("UNDECODABLE", `the body is not ${compression}`, { cause });
  }
}

interface InflateOptions {
  maxOutputLength: number;
  chunkSize: number;
}
type Inflater = (body: Uint8Array, options: InflateOptions) => Uint8Array;

/** Node has zstd since 22.15; its type is not in the declarations for Node 20, where it exists it is such a function. */
const nativeZstd = Reflect.get(zlib, "zstdDecompressSync") as Inflater | undefined;

const INFLATERS: Readonly<Record<Exclude<Compression, "identity">, Inflater>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  zstd: (body, options) =>
    nativeZstd === undefined
      ? decompressZstd(body, options.maxOutputLength)
      : decompressZstdBy(nativeZstd, body, options.maxOutputLength),
};

/** Frame by frame: Node gives the first one and is silent about the rest. What the walk refuses native zstd might take, but every Node
 *  shall answer the same. */
function decompressZstdBy(native: Inflater, body: Uint8Array, maxBytes: number): Uint8Array {
  const contents: Uint8Array[] = [];
  let size = 0;
  for (const { start, end } of walkFrames(body, maxBytes)) {
    // the least that Node takes is 1
    const maxOutputLength = Math.max(1, maxBytes - size);
    const chunkSize = chunkSizeFor(end - start, maxOutputLength);
    const content = native(body.subarray(start, end), { maxOutputLength, chunkSize });
    size += content.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    contents.push(content);
  }
  const [only = new Uint8Array()] = contents;
  return contents.length === 1 ? only : Buffer.concat(contents, size);
}

export const SUPPORTED_COMPRESSIONS: readonly Compression[] = ["identity", "gzip", "deflate", "zstd"];

/** Telemetry inflates to about eight times its size: few chunks to join, and no large buffer for a small body. */
function chunkSizeFor(length: number, maxBytes: number): number {
  return Math.max(1024, Math.min(8 * length, 4 * 1024 * 1024, maxBytes + 1));
}

function isBufferTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
