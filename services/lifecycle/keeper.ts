/** Watches over models, round by round. Any number of processes may run it: each step takes a lock or names its own result. */
import type { Logger } from "../platform/logger.ts";
import { createRounds } from "../platform/runtime/rounds.ts";

export interface KeeperDeps {
  logger: Logger;
  intervalMs: number;
  /** what a round does, in this order; one that fails does not keep the later ones from their turn */
  steps: ReadonlyArray<{ name: string; run(isStopping: () => boolean): Promise<unknown> }>;
}

export interface Keeper {
  /** One round. */
  tick(): Promise<void>;
  start(): void;
  /** Waits for a round that has begun. */
  stop(): Promise<void>;
  /** null while all of the last round succeeded */
  trouble(): string | null;
}

export function createKeeper({ logger, intervalMs, steps }: KeeperDeps): Keeper {
  let trouble: string | null = null;

  const tick = async (): Promise<void> => {
    let failed: string | null = null;
    for (const { name, run } of steps) {
      if (rounds.isStopping()) break;
      try {
        await run(rounds.isStopping);
      } catch (error) {
        failed ??= `${name}: ${error instanceof Error ? error.message : String(error)}`;
        logger.warn({ err: error, step: name }, "the watch over models could not do a step; trying again");
      }
    }
    trouble = failed;
  };
  const rounds = createRounds(tick, intervalMs);
  return { tick, start: rounds.start, trouble: () => trouble, stop: rounds.stop };
}
