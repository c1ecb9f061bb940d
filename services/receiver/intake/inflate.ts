/** Inflates a body within a bound. Memory is taken as output is made, so a bomb of any size costs what the bound allows and no more. */
import * as zlib from "node:zlib";
import { HarbingerError } from "../../platform/errors.ts";

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
const zstd = Reflect.get(zlib, "zstdDecompressSync") as Inflater | undefined;

const INFLATERS: Readonly<Record<Exclude<Compression, "identity">, Inflater>> = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  zstd:
    zstd ??
    (() => {
      throw new Error("not supported");
    }),
};

export const SUPPORTED_COMPRESSIONS: readonly Compression[] = [
  "identity",
  "gzip",
  "deflate",
  ...(zstd === undefined ? [] : (["zstd"] as const)),
];

/** Telemetry inflates to about eight times its size: few chunks to join, and no large buffer for a small body. */
function chunkSizeFor(length: number, maxBytes: number): number {
  return Math.max(1024, Math.min(8 * length, 4 * 1024 * 1024, maxBytes + 1));
}

function isBufferTooLarge(error: unknown): boolean {
  return error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

export function tooLarge(maxBytes: number): HarbingerError {
  return new HarbingerError("TOO_LARGE", `the body is larger than ${maxBytes} bytes after decompression`);
}
