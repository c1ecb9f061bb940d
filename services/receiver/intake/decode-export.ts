/** One request's bytes, as they arrived, become one sealed batch. Runs on a decode thread: everything that goes in and comes out can
 *  be cloned, and what may fail is a value, because an error loses its class between threads. */
import { createHash } from "node:crypto";
import type { BatchLimits } from "../../../models/telemetry/batch-limits.ts";
import type { DecodeCache } from "../../../models/telemetry/decode-cache.ts";
import { TelemetryDecodeError } from "../../../models/telemetry/decode-error.ts";
import type { Signal, TelemetryBatch } from "../../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../../models/telemetry/summarise.ts";
import { type ErrorCode, HarbingerError } from "../../platform/errors.ts";
import { type SealedBatch, sealBatch } from "../../platform/queue/telemetry-job.ts";
import { type Compression, inflate } from "./inflate.ts";

/** What is the same for every request. */
export interface DecodeSettings {
  /** of one body after decompression */
  maxBodyBytes: number;
  windowSizeMs: number;
  maxPastMs: number;
  maxFutureMs: number;
  limits: Partial<BatchLimits>;
}

export interface DecodeOrder {
  signal: Signal;
  encoding: Encoding;
  compression: Compression;
  body: Uint8Array;
  receivedAtMs: number;
}

/** What the answer and the metrics need to know of a batch. */
export type BatchFacts = Pick<TelemetryBatch, "signal" | "recordCount" | "rejected"> & {
  losses: NonNullable<TelemetryBatch["losses"]>;
  /** of the body after decompression */
  bodyBytes: number;
};

export type DecodeOutcome =
  | { ok: true; facts: BatchFacts; sealed: SealedBatch }
  | { ok: false; code: ErrorCode; message: string };

/** Never throws: a thread that ends without an answer is then one that was lost. @param cache the thread's own */
export function decodeExport(order: DecodeOrder, settings: DecodeSettings, cache: DecodeCache): DecodeOutcome {
  try {
    const body = inflate(order.body, order.compression, settings.maxBodyBytes);
    const batch = summarise(order.signal, body, order.encoding, {
      batchId: createHash("sha256").update(`${order.signal}\n`).update(body).digest("hex"),
      receivedAtMs: order.receivedAtMs,
      windowSizeMs: settings.windowSizeMs,
      maxPastMs: settings.maxPastMs,
      maxFutureMs: settings.maxFutureMs,
      limits: settings.limits,
      cache,
    });
    const { signal, recordCount, rejected, losses = {} } = batch;
    return {
      ok: true,
      facts: { signal, recordCount, rejected, losses, bodyBytes: body.length },
      sealed: sealBatch(batch),
    };
  } catch (error) {
    if (error instanceof HarbingerError) return { ok: false, code: error.code, message: error.message };
    if (!(error instanceof TelemetryDecodeError)) return { ok: false, code: "BUG", message: stackOf(error) };
    return { ok: false, code: error.failure === "too_large" ? "TOO_LARGE" : "UNDECODABLE", message: error.message };
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
