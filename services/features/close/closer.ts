/** Closes windows as the watermark passes them. Every process with the features role ticks; who gets the lock closes. All that it
 *  knows is in the store, so it goes on after a crash where it was. */
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/logger.ts";
import type { QueueDepth } from "../../platform/queue/job-queue.ts";
import { createRounds } from "../../platform/runtime/rounds.ts";
import { tryLockUntilCommit } from "../../platform/store/advisory-lock.ts";
import { readStreamClock, recordTick } from "../../platform/store/clock-store.ts";
import type { Database } from "../../platform/store/database.ts";
import type { CloseOutcome, Moment } from "./close-window.ts";
import { createSettledEvents } from "./settled-events.ts";
import { mayBeIdle } from "./watermark.ts";

export interface CloserDeps {
  db: Database;
  clock: Clock;
  logger: Logger;
  windowSizeMs: number;
  /** closes the next window (close-window.ts), wherever that is done */
  closeNext(moment: Moment): Promise<CloseOutcome>;
  /** folds history again if it must (refold.ts) */
  refold(): Promise<unknown>;
  queueDepth(): Promise<QueueDepth>;
  allowedLatenessMs: number;
  idleTimeoutMs: number;
  closeIntervalMs: number;
  /** from being taken from the queue to holding the merging lock, generously; default 2 s */
  settleMs?: number;
  onClosed(outcome: Extract<CloseOutcome, { kind: "closed" }>, durationMs: number): void;
}

export interface Closer {
  /** One round: closes every window that is complete. @returns how many */
  tick(): Promise<number>;
  /** Ticks until stopped. */
  start(): void;
  /** Waits for a round that has begun. */
  stop(): Promise<void>;
  /** null while the last round succeeded */
  trouble(): string | null;
}

/** After a restart, jobs that a dead worker held come back late. Until the queue has been empty once, or this long, nothing closes. */
const RECOVERY_MS = 60_000;
const SIGN_OF_LIFE_MS = 1_000;
const SETTLE_MS = 2_000;
/** Without a sign of life for this long, or ten rounds, nobody was there. */
const ABSENT_AFTER_MS = 10_000;

export function createCloser(deps: CloserDeps): Closer {
  const listeningSinceMs = deps.clock.now();
  let recovering = true;
  let lastSignMs: EpochMs | null = null;
  let trouble: string | null = null;
  const settled = createSettledEvents(deps.settleMs ?? SETTLE_MS);

  const isRecovering = async (): Promise<boolean> => {
    if (!recovering) return false;
    if (deps.clock.now() - listeningSinceMs >= RECOVERY_MS || (await queueIsEmpty(deps))) recovering = false;
    return recovering;
  };

  /** Asks the queue only when the answer may make a difference. */
  const settledMoment = async (): Promise<Moment> => {
    const { allowedLatenessMs, idleTimeoutMs, windowSizeMs } = deps;
    const clock = await readStreamClock(deps.db);
    const nowMs = deps.clock.now();
    settled.note(clock.maxEventMs, nowMs);
    const idle = { nowMs, listeningSinceMs, allowedLatenessMs, idleTimeoutMs };
    const windowsBy = (maxEventMs: EpochMs | null) =>
      maxEventMs === null ? -1 : Math.floor((maxEventMs - allowedLatenessMs) / windowSizeMs);
    const mayClose = windowsBy(clock.maxEventMs) > windowsBy(settled.maxEventMs());
    const isEmpty = (mayClose || mayBeIdle({ ...clock, ...idle })) && (await queueIsEmpty(deps));
    if (isEmpty) settled.settle();
    return { ...idle, maxEventMs: settled.maxEventMs(), queueIsEmpty: isEmpty };
  };

  const tick = async (): Promise<number> => {
    if (lastSignMs === null) await deps.refold();
    const nowMs = deps.clock.now();
    if (lastSignMs === null || nowMs - lastSignMs >= SIGN_OF_LIFE_MS) {
      const mayHaveBeenAway = lastSignMs === null || trouble !== null;
      await giveSignOfLife(nowMs, mayHaveBeenAway, deps);
      lastSignMs = nowMs;
    }
    if (await isRecovering()) return 0;
    const moment = await settledMoment();
    let closed = 0;
    while (!rounds.isStopping()) {
      const startedMs = deps.clock.now();
      const outcome = await deps.closeNext(moment);
      if (outcome.kind === "nothing" || outcome.kind === "elsewhere") break;
      if (outcome.kind === "skipped") continue;
      closed++;
      deps.onClosed(outcome, deps.clock.now() - startedMs);
    }
    return closed;
  };

  const run = async (): Promise<void> => {
    try {
      await tick();
      trouble = null;
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
      deps.logger.warn({ err: error }, "windows could not be closed; trying again");
    }
  };
  const rounds = createRounds(run, deps.closeIntervalMs);

  return { tick, start: rounds.start, trouble: () => trouble, stop: rounds.stop };
}

async function queueIsEmpty({ queueDepth }: CloserDeps): Promise<boolean> {
  const { waiting, active, delayed } = await queueDepth();
  return waiting + active + delayed === 0;
}

async function giveSignOfLife(
  nowMs: EpochMs,
  mayHaveBeenAway: boolean,
  { db, closeIntervalMs, logger }: CloserDeps,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (!(await tryLockUntilCommit(transaction, "closing"))) return;
    const { lastTickMs } = await readStreamClock(transaction);
    const awayMs = lastTickMs === null || !mayHaveBeenAway ? 0 : nowMs - lastTickMs;
    if (lastTickMs === null || awayMs <= Math.max(ABSENT_AFTER_MS, 10 * closeIntervalMs)) {
      return recordTick(transaction, nowMs);
    }
    logger.info({ awayMs }, "nobody closed windows for a while: silence in that time says nothing about services");
    await recordTick(transaction, nowMs, { fromMs: lastTickMs, untilMs: nowMs });
  });
}
