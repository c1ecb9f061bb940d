/** When each request is due: event time, divided by the speed. What is late is sent at once; nothing is skipped. */

export interface PaceOptions {
  /** event time per real time; Infinity: as fast as it goes */
  speed: number;
  /** event time that is due at the start; the first request's when absent */
  originMs?: number;
  now(): number;
  /** @throws when the replay is stopped */
  sleep(ms: number): Promise<void>;
}

/** @returns waits until an event of that time is due */
export function createPace({ speed, originMs, now, sleep }: PaceOptions): (eventMs: number | null) => Promise<void> {
  let origin = originMs;
  let startedMs: number | undefined;
  return async (eventMs) => {
    if (speed === Infinity || eventMs === null) return;
    origin ??= eventMs;
    startedMs ??= now();
    const waitMs = startedMs + (eventMs - origin) / speed - now();
    if (waitMs > 0) await sleep(waitMs);
  };
}
