/** Watches over models, round by round. Any number of processes may run it: each step takes a lock or names its own result. */
import type { Logger } from "../platform/logger.ts";

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
  let stopping = false;
  let trouble: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();

  const tick = async (): Promise<void> => {
    let failed: string | null = null;
    for (const { name, run } of steps) {
      if (stopping) break;
      try {
        await run(() => stopping);
      } catch (error) {
        failed ??= `${name}: ${error instanceof Error ? error.message : String(error)}`;
        logger.warn({ err: error, step: name }, "the watch over models could not do a step; trying again");
      }
    }
    trouble = failed;
  };
  const next = (): void => {
    round = tick().then(() => {
      if (!stopping) timer = setTimeout(next, intervalMs);
    });
  };
  return {
    tick,
    start: next,
    trouble: () => trouble,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await round;
    },
  };
}
