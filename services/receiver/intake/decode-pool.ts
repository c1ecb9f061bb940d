/** Decodes on threads of their own, so that a large request never keeps the event loop from answering others. */
import { fileURLToPath } from "node:url";
import { createDecodeCache } from "../../../models/telemetry/decode-cache.ts";
import { startThreads } from "../../platform/runtime/threads.ts";
import { type DecodeOrder, type DecodeOutcome, type DecodeSettings, decodeExport } from "./decode-export.ts";

export interface DecodePool {
  /** @param order its body belongs to the pool from now on
   *  @throws UNAVAILABLE when the thread that read it was lost, as to want of memory; another one may do */
  decode(order: DecodeOrder): Promise<DecodeOutcome>;
  close(): Promise<void>;
}

interface DecodePoolOptions {
  /** is told why a thread ended; another takes its place */
  onThreadLost?: (reason: unknown) => void;
  /** heap of one thread; one that needs more is lost, and the process lives on */
  maxHeapMb?: number;
}

/** The worst body within the bounds on a batch needs a third of it. */
const MAX_HEAP_MB = 1_024;

/** @param threads 0 decodes on the caller's @throws what keeps the threads from starting */
export async function createDecodePool(
  threads: number,
  settings: DecodeSettings,
  { onThreadLost = () => {}, maxHeapMb = MAX_HEAP_MB }: DecodePoolOptions = {},
): Promise<DecodePool> {
  if (threads === 0) {
    const cache = createDecodeCache();
    return { decode: async (order) => decodeExport(order, settings, cache), close: async () => {} };
  }
  const pool = await startThreads<DecodeOrder, DecodeOutcome>({
    name: "the thread that reads requests",
    filename: fileURLToPath(import.meta.url).replace(/decode-pool(\.[jt]s)$/, "decode-thread$1"),
    threads,
    settings,
    firstOrder: EMPTY_ORDER,
    onThreadLost,
    maxHeapMb,
  });
  return {
    decode: async (order) => {
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
