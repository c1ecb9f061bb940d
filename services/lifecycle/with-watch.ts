/** One step of the watch: the state, what it was made of and what it leads to change together or not at all, and only one process at a
 *  time makes a step. */
import { followAliases, readWatchState, type WatchState } from "../platform/lifecycle/watch-state.ts";
import { FAILURE_PREDICTOR } from "../platform/serving/definitions.ts";
import { tryLockUntilCommit } from "../platform/store/advisory-lock.ts";
import { readStreamClock } from "../platform/store/clock-store.ts";
import type { Database } from "../platform/store/database.ts";
import { readAliases } from "../platform/store/registry-store.ts";
import { writeWatch } from "../platform/store/watch-store.ts";
import type { LifecycleDeps } from "./deps.ts";

export interface WatchStep<Result> {
  /** null: nothing to keep */
  state: WatchState | null;
  result: Result;
}

/** @param step gets the state, brought in line with what the aliases point at now
 *  @returns null when another process is at it, or before any window has closed */
export async function withWatch<Result>(
  deps: LifecycleDeps,
  step: (transaction: Database, state: WatchState, closedThroughMs: number) => Promise<WatchStep<Result>>,
): Promise<Result | null> {
  return deps.db.transaction().execute(async (transaction) => {
    if (!(await tryLockUntilCommit(transaction, "lifecycle"))) return null;
    const { closedThroughMs } = await readStreamClock(transaction);
    if (closedThroughMs === null) return null;
    const stored = await readWatchState(transaction, deps.horizon);
    const current = followAliases(stored, await readAliases(transaction, FAILURE_PREDICTOR), closedThroughMs);
    const { state, result } = await step(transaction, current, closedThroughMs);
    if (state !== null) await writeWatch(transaction, FAILURE_PREDICTOR, state, deps.clock.now());
    return result;
  });
}
