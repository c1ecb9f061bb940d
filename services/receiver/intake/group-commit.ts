/** Group commit: batches that arrive within a few milliseconds become one durable queue write, and each waits for that write. */
import { createBatcher } from "../../platform/batcher.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { SealedBatch, SealedTelemetryJob } from "../../platform/queue/telemetry-job.ts";

export interface GroupCommitOptions {
  /** resolves once the job is durable */
  add(job: SealedTelemetryJob): Promise<unknown>;
  /** how long the first batch of a group waits for others */
  maxWaitMs: number;
  maxBatches: number;
  /** a group of so many sealed bytes goes at once */
  maxBytes: number;
  /** a write that takes longer counts as failed; a sender that repeats it is counted once all the same */
  timeoutMs: number;
}

export interface GroupCommit {
  /** Resolves once the batch is durable. @throws UNAVAILABLE */
  commit(batch: SealedBatch): Promise<void>;
  /** sends what waits and waits for what was sent */
  close(): Promise<void>;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const batcher = createBatcher<SealedBatch>({
    run: (batches) => writeWithin(options, { batches: [...batches] }),
    maxWaitMs: options.maxWaitMs,
    maxItems: options.maxBatches,
    maxSize: options.maxBytes,
    sizeOf: (batch) => batch.length,
  });
  return { commit: batcher.add, close: batcher.close };
}

async function writeWithin({ add, timeoutMs }: GroupCommitOptions, job: SealedTelemetryJob): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the queue did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([add(job), late]);
  } catch (cause) {
    // whatever the reason, the sender must keep its data and come back
    throw new HarbingerError("UNAVAILABLE", "the queue cannot take telemetry now", { cause });
  } finally {
    clearTimeout(timer);
  }
}
