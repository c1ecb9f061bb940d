/** Group commit and its kin: items that arrive while a run is under way, or within a short wait, share one run, and each waits for it.
 *  With one write to disk for many callers, durability costs each of them little. */

export interface BatcherOptions<Item> {
  /** Resolves once all of them are done; what it throws goes to everyone in the group. */
  run(items: readonly Item[]): Promise<unknown>;
  /** how long the first item of a group waits for others; 0: until the event loop has served what is at hand */
  maxWaitMs: number;
  /** a group of so many items goes at once */
  maxItems: number;
  /** a group of so much, in the unit of `sizeOf`, goes at once; default: no limit */
  maxSize?: number;
  sizeOf?(item: Item): number;
  /** runs under way at most; meanwhile the next group grows. Default: no limit */
  maxRuns?: number;
  /** of them, those that may begin with a group that is not full; default: all */
  maxPartialRuns?: number;
}

export interface Batcher<Item> {
  /** Resolves once a run that included the item is done. */
  add(item: Item): Promise<void>;
  /** runs what waits and waits for what runs */
  close(): Promise<void>;
}

interface Waiting<Item> {
  item: Item;
  size: number;
  resolve(): void;
  reject(reason: unknown): void;
}

export function createBatcher<Item>(options: BatcherOptions<Item>): Batcher<Item> {
  const { run, maxWaitMs, maxItems, maxSize = Number.POSITIVE_INFINITY, maxRuns = Number.POSITIVE_INFINITY } = options;
  const { maxPartialRuns = maxRuns } = options;
  let waiting: Waiting<Item>[] = [];
  let waitingSize = 0;
  /** the wait of the oldest is over */
  let due = false;
  let stopWaiting: (() => void) | null = null;
  const running = new Set<Promise<void>>();

  const isFull = (): boolean => waiting.length >= maxItems || waitingSize >= maxSize;

  const mayStart = (): boolean => (isFull() ? running.size < maxRuns : due && running.size < maxPartialRuns);

  const startNext = (): void => {
    while (waiting.length > 0 && mayStart()) start(takeGroup());
    if (waiting.length > 0) return;
    stopWaiting?.();
    stopWaiting = null;
    due = false;
  };

  const takeGroup = (): Waiting<Item>[] => {
    let count = 0;
    let size = 0;
    while (count < waiting.length && count < maxItems && size < maxSize) size += waiting[count++]!.size;
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingSize -= size;
    return group;
  };

  const start = (group: readonly Waiting<Item>[]): void => {
    const done = run(group.map(({ item }) => item)).then(
      () => {
        for (const { resolve } of group) resolve();
      },
      (error: unknown) => {
        for (const { reject } of group) reject(error);
      },
    );
    running.add(done);
    void done.finally(() => {
      running.delete(done);
      startNext();
    });
  };

  const waitForOthers = (): void => {
    const onDue = () => {
      due = true;
      stopWaiting = null;
      startNext();
    };
    if (maxWaitMs > 0) {
      const timer = setTimeout(onDue, maxWaitMs);
      stopWaiting = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(onDue);
      stopWaiting = () => clearImmediate(immediate);
    }
  };

  return {
    add: (item) =>
      new Promise<void>((resolve, reject) => {
        const size = options.sizeOf?.(item) ?? 0;
        waiting.push({ item, size, resolve, reject });
        waitingSize += size;
        if (isFull()) startNext();
        else if (!due && stopWaiting === null) waitForOthers();
      }),
    close: async () => {
      due = true;
      startNext();
      while (running.size > 0) await Promise.all(running);
    },
  };
}
