/** How telemetry travels on the queue: each batch as base64 of deflated JSON.
 *
 *  A stack trace is most of an error's bytes and the same few come again and again, so each distinct one is written once per batch
 *  (`stacktraces`) and errors name its index. Deflating is worth its time too: the queue's store writes, replicates and reads a tenth
 *  of the bytes, and base64 is text that neither jsonb nor JSON has to look into. */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { ErrorRecord, TelemetryBatch, TelemetryJob } from "../../../models/telemetry/records.ts";
import { HarbingerError } from "../errors.ts";

/** One job of the `telemetry` queue: a request, or a few that were coalesced. */
export interface SealedTelemetryJob {
  batches: SealedBatch[];
}

export type SealedBatch = string;

/** fast: a request waits for it */
const DEFLATE_LEVEL = 1;
/** A batch is made of one request, whose size is bounded; so is what it may inflate to. */
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;

export function sealBatch(batch: TelemetryBatch): SealedBatch {
  const indexes = new Map<string, number>();
  const errors = batch.errors.map(({ stacktrace, ...error }) => {
    if (stacktrace === undefined) return error;
    let index = indexes.get(stacktrace);
    if (index === undefined) {
      index = indexes.size;
      indexes.set(stacktrace, index);
    }
    return { ...error, stacktrace: index };
  });
  const text = JSON.stringify({ ...batch, errors, stacktraces: [...indexes.keys()] });
  return deflateRawSync(text, { level: DEFLATE_LEVEL }).toString("base64");
}

/** @throws UNDECODABLE when it is not what `sealBatch` writes */
export function openTelemetryJob(job: SealedTelemetryJob): TelemetryJob {
  try {
    return { batches: job.batches.map(openBatch) };
  } catch (cause) {
    throw new HarbingerError("UNDECODABLE", "the telemetry job is not one of ours", { cause });
  }
}

type SealedError = Omit<ErrorRecord, "stacktrace"> & { stacktrace?: number };

function openBatch(sealed: SealedBatch): TelemetryBatch {
  const text = inflateRawSync(Buffer.from(sealed, "base64"), { maxOutputLength: MAX_BATCH_BYTES }).toString();
  // The queue is ours alone: what comes out is what `sealBatch` put in.
  const { stacktraces, ...batch } = JSON.parse(text) as Omit<TelemetryBatch, "errors"> & {
    errors: SealedError[];
    stacktraces: string[];
  };
  const errors = batch.errors.map(({ stacktrace: index, ...error }): ErrorRecord => {
    const stacktrace = index === undefined ? undefined : stacktraces[index];
    return stacktrace === undefined ? error : { ...error, stacktrace };
  });
  return { ...batch, errors };
}
