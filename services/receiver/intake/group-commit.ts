/** Group commit: batches that arrive within a few milliseconds become one durable queue write, and each waits for that write. */
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

interface Group {
  batches: SealedBatch[];
  bytes: number;
  written: Promise<void>;
  settle(write: Promise<void>): void;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  let group: Group | null = null;
  let timer: NodeJS.Timeout | undefined;
  const writes = new Set<Promise<void>>();

  function send(): void {
    clearTimeout(timer);
    if (group === null) return;
    const { batches, settle } = group;
    group = null;
    const write = writeWithin(options, { batches });
    settle(write);
    writes.add(write);
    // whoever waits for the write gets its failure; here only its end matters
    write.catch(() => {}).finally(() => writes.delete(write));
  }

  return {
    commit: (batch) => {
      if (group === null) {
        group = createGroup();
        timer = setTimeout(send, options.maxWaitMs);
      }
      const { written } = group;
      group.batches.push(batch);
      group.bytes += batch.length;
      if (group.batches.length >= options.maxBatches || group.bytes >= options.maxBytes) send();
      return written;
    },
    close: async () => {
      send();
      await Promise.allSettled(writes);
    },
  };
}

function createGroup(): Group {
  // the executor runs at once and replaces it
  let settle: Group["settle"] = () => {};
  const written = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { batches: [], bytes: 0, written, settle };
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
