/** Reads a request's body as it arrives, within bounds of bytes and time. */
import type { IncomingMessage } from "node:http";
import { HarbingerError } from "../../platform/errors.ts";
import type { ByteBudget } from "../intake/byte-budget.ts";
import { tooLarge } from "../intake/inflate.ts";

export interface BodyBounds {
  maxBytes: number;
  /** from the first byte of the body to the last */
  timeoutMs: number;
  /** what the body holds of it is the caller's to give back: the body's length, or nothing when this throws */
  budget: ByteBudget;
}

/** @returns a buffer of its own memory
 *  @throws TOO_LARGE, OVERLOADED, UNAVAILABLE (too slow, or the sender left) */
export function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Uint8Array> {
  const { maxBytes, budget } = bounds;
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxBytes) return Promise.reject(tooLarge(maxBytes));

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;

    const timer = setTimeout(
      () => fail(new HarbingerError("UNAVAILABLE", "the body did not arrive in time")),
      bounds.timeoutMs,
    );
    request.on("data", onData).once("end", onEnd).once("error", onError).once("close", onClose);

    function onData(chunk: Buffer): void {
      if (size + chunk.length > maxBytes) fail(tooLarge(maxBytes));
      else if (!budget.take(chunk.length)) {
        fail(new HarbingerError("OVERLOADED", "too many bytes are in flight; come back shortly"));
      } else {
        size += chunk.length;
        chunks.push(chunk);
      }
    }

    function onEnd(): void {
      stopListening();
      const body = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        body.set(chunk, at);
        at += chunk.length;
      }
      resolve(body);
    }

    function onError(cause: Error): void {
      fail(new HarbingerError("UNAVAILABLE", "the sender left", { cause }));
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
      request.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
    }
  });
}
