/** How far event time has come for good. Several workers take jobs in the order of the queue and finish them in any order: the newest
 *  event that was merged may be of a job whose forerunners are still on the way, and what it says about time holds only once they are
 *  in. Forerunners were taken from the queue before it was; they hold the merging lock, for which whoever closes a window waits, or
 *  will in a moment. So what was merged counts after that moment, or at once when the queue is empty. */
import type { EpochMs } from "../../../models/telemetry/records.ts";

export interface SettledEvents {
  /** Takes note of the newest event that was merged.
   *  @param maxEventMs as read from the store, which must have been before `nowMs` was taken */
  note(maxEventMs: EpochMs | null, nowMs: EpochMs): void;
  /** Nothing was on the way after the last note: it counts now. */
  settle(): void;
  /** the newest event that counts; null: none yet */
  maxEventMs(): EpochMs | null;
}

/** @param settleMs from being taken from the queue to holding the lock, generously */
export function createSettledEvents(settleMs: number): SettledEvents {
  let settled: EpochMs | null = null;
  const unsettled: { maxEventMs: EpochMs; atMs: EpochMs }[] = [];
  return {
    note(maxEventMs, nowMs) {
      while (unsettled[0] !== undefined && unsettled[0].atMs <= nowMs - settleMs) {
        settled = unsettled[0].maxEventMs;
        unsettled.shift();
      }
      if (maxEventMs === null || maxEventMs === settled || unsettled.at(-1)?.maxEventMs === maxEventMs) return;
      unsettled.push({ maxEventMs, atMs: nowMs });
    },
    settle() {
      settled = unsettled.at(-1)?.maxEventMs ?? settled;
      unsettled.length = 0;
    },
    maxEventMs: () => settled,
  };
}
