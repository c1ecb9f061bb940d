/** Work that is done again and again, with a pause after each round, until it is stopped. */
export interface Rounds {
  /** Begins with a round. */
  start(): void;
  /** Waits for a round that has begun; none begins after it. */
  stop(): Promise<void>;
  /** for a long round to look at between its steps */
  isStopping(): boolean;
}

/** @param round never rejects */
export function createRounds(round: () => Promise<unknown>, pauseMs: number): Rounds {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<unknown> = Promise.resolve();
  const next = (): void => {
    current = round().then(() => {
      if (!stopping) timer = setTimeout(next, pauseMs);
    });
  };
  return {
    start: next,
    isStopping: () => stopping,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await current;
    },
  };
}
