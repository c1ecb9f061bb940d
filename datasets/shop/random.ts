/** A small seeded generator, mulberry32 (Ettinger 2017): the same seed gives the same episodes and the same customers. */

/** @returns numbers uniform in [0, 1) */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random();
}

/** @param items not empty */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

/** Fisher–Yates; a new array. */
export function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = shuffled[last];
    const moved = shuffled[other];
    if (kept === undefined || moved === undefined) continue;
    shuffled[last] = moved;
    shuffled[other] = kept;
  }
  return shuffled;
}
