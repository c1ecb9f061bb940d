/** Turns senders away while too many jobs wait: a queue that only grows fills the disk of its store, and whoever holds the data
 *  upstream can wait better than we can. */
import { HarbingerError } from "../../platform/errors.ts";
import type { QueueDepth } from "../../platform/queue/job-queue.ts";

export interface QueueGate {
  /** @throws OVERLOADED while the queue is full */
  check(): void;
  isFull(): boolean;
  stop(): void;
}

export interface QueueGateOptions {
  depth(): Promise<QueueDepth>;
  maxJobs: number;
  /** between two looks at the queue */
  intervalMs: number;
}

/** Opens again at this share of the bound, so that it does not flap. */
const REOPEN_RATIO = 0.9;

export function createQueueGate({ depth, maxJobs, intervalMs }: QueueGateOptions): QueueGate {
  let isFull = false;
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const { waiting, delayed } = await depth();
      const jobs = waiting + delayed;
      isFull = jobs >= (isFull ? REOPEN_RATIO * maxJobs : maxJobs);
    } catch {
      // a queue that cannot be asked cannot be written to either: senders learn it from the write
    } finally {
      isLooking = false;
    }
  }

  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  void look();
  return {
    check: () => {
      if (isFull) throw new HarbingerError("OVERLOADED", "the telemetry queue is full; come back shortly");
    },
    isFull: () => isFull,
    stop: () => clearInterval(timer),
  };
}
