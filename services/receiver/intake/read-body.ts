/** Reads a body as it arrives, within bounds of bytes and time. */
import type { Readable } from "node:stream";
import { HarbingerError } from "../../platform/errors.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { tooLarge } from "./too-large.ts";

export interface BodyBounds {
  maxBytes: number;
  /** of framing around the body, allowed on top */
  framingBytes?: number;
  /** from now to the last byte of the body */
  timeoutMs: number;
  /** what the body holds of it is the caller's to give back: the body's size, or nothing when this throws */
  budget: ByteBudget;
}

/** Bytes that arrived, in few pieces: a sender of single bytes must not make us keep an object for each. */
export class Body {
  size = 0;
  readonly #pieces: Uint8Array[] = [];
  #tail = EMPTY;
  #tailUsed = 0;

  append(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (chunk.length >= SMALL_BYTES) {
      this.#closeTail();
      this.#pieces.push(chunk);
      return;
    }
    if (this.#tailUsed + chunk.length > this.#tail.length) {
      this.#closeTail();
      this.#tail = new Uint8Array(TAIL_BYTES);
    }
    this.#tail.set(chunk, this.#tailUsed);
    this.#tailUsed += chunk.length;
  }

  /** @returns a copy of its own memory of what stands from `start` on */
  copyFrom(start: number): Uint8Array<ArrayBuffer> {
    this.#closeTail();
    const bytes = new Uint8Array(Math.max(0, this.size - start));
    let at = -start;
    for (const piece of this.#pieces) {
      if (at + piece.length > 0) bytes.set(at < 0 ? piece.subarray(-at) : piece, Math.max(0, at));
      at += piece.length;
    }
    return bytes;
  }

  /** @returns the first bytes, fewer when there are fewer */
  head(length: number): Uint8Array {
    this.#closeTail();
    const bytes: number[] = [];
    for (const piece of this.#pieces) {
      if (bytes.length >= length) break;
      bytes.push(...piece.subarray(0, length - bytes.length));
    }
    return Uint8Array.from(bytes);
  }

  pieceCount(): number {
    return this.#pieces.length + (this.#tailUsed > 0 ? 1 : 0);
  }

  #closeTail(): void {
    if (this.#tailUsed > 0) this.#pieces.push(this.#tail.subarray(0, this.#tailUsed));
    this.#tail = this.#tail.subarray(this.#tailUsed);
    this.#tailUsed = 0;
  }
}

const EMPTY = new Uint8Array();
const SMALL_BYTES = 4 * 1024;
const TAIL_BYTES = 16 * 1024;

/** @throws TOO_LARGE, OVERLOADED, UNAVAILABLE (too slow, or the sender left) */
export function readBody(
  source: Readable,
  { maxBytes, framingBytes = 0, timeoutMs, budget }: BodyBounds,
): Promise<Body> {
  return new Promise((resolve, reject) => {
    const body = new Body();
    const timer = setTimeout(
      () => fail(new HarbingerError("UNAVAILABLE", "the body did not arrive in time")),
      timeoutMs,
    );
    source.on("data", onData).once("end", onEnd).once("error", onError).once("close", onClose);

    function onData(chunk: Buffer): void {
      if (body.size + chunk.length > maxBytes + framingBytes) fail(tooLarge(maxBytes));
      else if (!budget.take(chunk.length)) {
        fail(new HarbingerError("OVERLOADED", "too many bytes are in flight; come back shortly"));
      } else body.append(chunk);
    }

    function onEnd(): void {
      stopListening();
      resolve(body);
    }

    function onError(cause: Error): void {
      fail(new HarbingerError("UNAVAILABLE", "the sender left", { cause }));
    }

    function onClose(): void {
      fail(new HarbingerError("UNAVAILABLE", "the sender left"));
    }

    function fail(error: HarbingerError): void {
      stopListening();
      budget.give(body.size);
      reject(error);
    }

    function stopListening(): void {
      clearTimeout(timer);
      source.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
    }
  });
}
