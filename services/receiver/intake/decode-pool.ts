/** Decodes on threads of their own, so that a large request never keeps the event loop from answering others. */
import { fileURLToPath } from "node:url";
import { createDecodeCache } from "../../../models/telemetry/decode-cache.ts";
import { startThreads } from "../../platform/runtime/threads.ts";
import { type DecodeOrder, type DecodeOutcome, type DecodeSettings, decodeExport } from "./decode-export.ts";

export interface DecodePool {
  /** @param order its body belongs to the pool from now on */
  decode(order: DecodeOrder): Promise<DecodeOutcome>;
  close(): Promise<void>;
}

/** @param threads 0 decodes on the caller's @param onThreadLost is told why a thread ended; another takes its place
 *  @throws what keeps the threads from starting */
export async function createDecodePool(
  threads: number,
  settings: DecodeSettings,
  onThreadLost: (reason: unknown) => void = () => {},
): Promise<DecodePool> {
  if (threads === 0) {
    const cache = createDecodeCache();
    return { decode: async (order) => decodeExport(order, settings, cache), close: async () => {} };
  }
  const pool = await startThreads<DecodeOrder, DecodeOutcome>({
    filename: fileURLToPath(import.meta.url).replace(/decode-pool(\.[jt]s)$/, "decode-thread$1"),
    threads,
    settings,
    firstOrder: EMPTY_ORDER,
    onThreadLost,
  });
  return {
    decode: (order) => {
      const body = movable(order.body);
      return pool.run({ ...order, body }, [body.buffer]);
    },
    close: pool.close,
  };
}

const EMPTY_ORDER: DecodeOrder = {
  signal: "traces",
  encoding: "protobuf",
  compression: "identity",
  body: new Uint8Array(),
  receivedAtMs: 0,
};

/** Small buffers are slices of a shared one, which must not move. */
function movable(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = body;
  const ownsIt = buffer instanceof ArrayBuffer && buffer.byteLength === body.byteLength;
  return ownsIt ? new Uint8Array(buffer) : new Uint8Array(body);
}
