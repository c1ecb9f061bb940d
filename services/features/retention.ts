/** Forgets what is older than the retention, now and then and in small steps. */
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { tryLockUntilCommit } from "../platform/store/advisory-lock.ts";
import { readStreamClock } from "../platform/store/clock-store.ts";
import type { Database } from "../platform/store/database.ts";
import { deleteOldRows, isMoreToDelete, pairCutoff } from "../platform/store/retention-store.ts";

export interface RetentionDeps {
  db: Database;
  clock: Clock;
  logger: Logger;
  retentionMs: number;
  /** pairs of an error group and a service that are kept; those not seen for longest go */
  maxErrorGroupServices: number;
}

const INTERVAL_MS = 10 * 60_000;
/** When a round has left something. */
const PAUSE_MS = 5_000;
/** How long a request is remembered: far longer than any client tries again. */
const BATCH_MEMORY_MS = 7 * 86_400_000;
/** Steps in one round; what is left waits for the next. */
const MAX_STEPS = 200;

export interface Retention {
  /** One round. @returns deleted rows */
  sweep(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export function createRetention({ db, clock, logger, retentionMs, maxErrorGroupServices }: RetentionDeps): Retention {
  let stopping = false;
  let hasLeftSome = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<unknown> = Promise.resolve();

  const sweep = (): Promise<number> =>
    db.transaction().execute(async (transaction) => {
      if (!(await tryLockUntilCommit(transaction, "retention"))) return 0;
      const nowMs = clock.now();
      const { maxEventMs } = await readStreamClock(transaction);
      // While an old stream is replayed, its own time decides what is old.
      const streamMs = Math.min(nowMs, maxEventMs ?? nowMs);
      const memoryMs = Math.min(retentionMs, BATCH_MEMORY_MS);
      const cutoffs = {
        eventMs: streamMs - retentionMs,
        batchMs: nowMs - memoryMs,
        sightingMs: streamMs - memoryMs,
        pairMs: await pairCutoff(transaction, maxErrorGroupServices),
      };
      let total = 0;
      hasLeftSome = true;
      for (let step = 0; step < MAX_STEPS && !stopping; step++) {
        // Other connections: each step commits by itself, this one only keeps others from doing the same.
        const deleted = await deleteOldRows(db, cutoffs);
        total += Object.values(deleted).reduce((sum, count) => sum + count, 0);
        hasLeftSome = isMoreToDelete(deleted);
        if (!hasLeftSome) break;
      }
      return total;
    });

  const run = async (): Promise<void> => {
    hasLeftSome = false;
    try {
      const count = await sweep();
      if (count > 0) logger.info({ rows: count }, "deleted what is older than the retention");
    } catch (error) {
      logger.warn({ err: error }, "old rows could not be deleted; trying again later");
    }
    schedule();
  };
  const schedule = (): void => {
    if (stopping) return;
    timer = setTimeout(
      () => {
        round = run();
      },
      hasLeftSome ? PAUSE_MS : INTERVAL_MS,
    );
    timer.unref();
  };

  return {
    sweep,
    start: schedule,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await round;
    },
  };
}
