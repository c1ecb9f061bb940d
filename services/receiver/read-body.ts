/** Reads a request's body within bounds of bytes and time. Inflating happens in a stream, so a bomb of any size costs what the
 *  bound allows and no more. */
import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import * as zlib from "node:zlib";
import { HarbingerError } from "../platform/errors.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { Compression } from "./content-headers.ts";

export interface BodyBounds {
  /** after decompression */
  maxBytes: number;
  /** from the first byte of the body to the last */
  timeoutMs: number;
  /** what the body holds of it is the caller's to give back: the body's length, or nothing when this throws */
  budget: ByteBudget;
}

const CHUNK_BYTES = 64 * 1024;

type CreateInflater = () => Transform;

/** Node has zstd since 22.15. */
const createZstd: unknown = Reflect.get(zlib, "createZstdDecompress");

const INFLATERS: Readonly<Record<Exclude<Compression, "identity">, CreateInflater | null>> = {
  gzip: () => zlib.createGunzip({ chunkSize: CHUNK_BYTES }),
  deflate: () => zlib.createInflate({ chunkSize: CHUNK_BYTES }),
  // its type is not in the declarations for Node 20; where it exists it is such a constructor
  zstd: typeof createZstd === "function" ? (createZstd as CreateInflater) : null,
};

export const SUPPORTED_COMPRESSIONS: readonly Compression[] = [
  "identity",
  "gzip",
  "deflate",
  ...(INFLATERS.zstd === null ? [] : (["zstd"] as const)),
];

/** @throws TOO_LARGE, OVERLOADED, UNDECODABLE (not what Content-Encoding says), UNAVAILABLE (too slow, or the sender left) */
export function readBody(request: IncomingMessage, compression: Compression, bounds: BodyBounds): Promise<Buffer> {
  const { maxBytes, budget } = bounds;
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
  const inflater = compression === "identity" ? null : (INFLATERS[compression]?.() ?? null);
  const source: Readable = inflater === null ? request : request.pipe(inflater);

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let arrived = 0;

    const timer = setTimeout(
      () => fail(new HarbingerError("UNAVAILABLE", "the body did not arrive in time")),
      bounds.timeoutMs,
    );
    source.on("data", onData).once("end", onEnd).once("error", onError);
    request.once("close", onClose);
    if (inflater !== null) request.on("data", onArrival).once("error", onError);

    function onData(chunk: Buffer): void {
      if (size + chunk.length > maxBytes) fail(tooLarge(maxBytes));
      else if (!budget.take(chunk.length)) {
        fail(new HarbingerError("OVERLOADED", "too many bytes are in flight; come back shortly"));
      } else {
        size += chunk.length;
        chunks.push(chunk);
      }
    }

    /** What inflates to nothing would otherwise never reach the bound. */
    function onArrival(chunk: Buffer): void {
      arrived += chunk.length;
      if (arrived > maxBytes) fail(tooLarge(maxBytes));
    }

    function onEnd(): void {
      stopListening();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    }

    function onError(cause: Error): void {
      const isContent = inflater !== null && "code" in cause && String(cause.code).startsWith("Z");
      fail(
        isContent
          ? new HarbingerError("UNDECODABLE", `the body is not ${compression}`, { cause })
          : new HarbingerError("UNAVAILABLE", "the sender left", { cause }),
      );
    }

    function onClose(): void {
      if (!request.complete) fail(new HarbingerError("UNAVAILABLE", "the sender left"));
    }

    function fail(error: HarbingerError): void {
      stopListening();
      budget.give(size);
      reject(error);
    }

    function stopListening(): void {
      clearTimeout(timer);
      source.off("data", onData).off("end", onEnd).off("error", onError);
      request.off("close", onClose).off("data", onArrival).off("error", onError);
      if (inflater === null) return;
      request.unpipe(inflater);
      // destroying an inflater in the middle of a chunk may still emit
      inflater.on("error", () => {});
      inflater.destroy();
    }
  });
}

function tooLarge(maxBytes: number): HarbingerError {
  return new HarbingerError("TOO_LARGE", `the body is larger than ${maxBytes} bytes after decompression`);
}
