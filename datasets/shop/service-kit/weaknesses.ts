/** What is wrong with a service at present. A healthy service has no weakness; the runner switches one on over the private parent
 *  channel. Each is acted out by the code that has the weakness (the pool, the acquirer, the carts), never by faked telemetry. */

export interface Weaknesses {
  /** every n-th request forgets to give its database connection back; 0 = never */
  leaksEveryNthConnection: number;
  /** additional time an answer takes, at the end of the ramp */
  slownessPeakMs: number;
  slownessRampMs: number;
  slownessSinceMs: number;
  /** how much of every request is kept in memory for ever */
  retainedBytesPerRequest: number;
}

const healthy: Weaknesses = {
  leaksEveryNthConnection: 0,
  slownessPeakMs: 0,
  slownessRampMs: 1,
  slownessSinceMs: 0,
  retainedBytesPerRequest: 0,
};

/** Follows the parent's `{ weaknesses }` messages; a message states only what is wrong, all else is healthy. */
export function followWeaknesses(): { current: Readonly<Weaknesses>; onHealed(repair: () => void): void } {
  const current = { ...healthy };
  const repairs: (() => void)[] = [];
  process.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("weaknesses" in message)) return;
    Object.assign(current, healthy, message.weaknesses, { slownessSinceMs: Date.now() });
    for (const repair of repairs) repair();
  });
  return { current, onHealed: (repair) => void repairs.push(repair) };
}

/** Delay that grows with the square of time up to its peak, and differs by ±40 % from call to call. */
export function slownessNow(weaknesses: Readonly<Weaknesses>): number {
  if (weaknesses.slownessPeakMs === 0) return 0;
  const progress = Math.min(1, (Date.now() - weaknesses.slownessSinceMs) / weaknesses.slownessRampMs);
  return weaknesses.slownessPeakMs * progress ** 2 * (0.6 + 0.8 * Math.random());
}
