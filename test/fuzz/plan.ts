/** How long a fuzz run is, where its randomness starts, and what it says at its end. */
import { seeded } from "../helpers/otlp-payloads.ts";

/** In `npm test`; `npm run fuzz` sets a nightly length. */
const DEFAULT_INPUTS = 4_000;

const requested = process.env.HARBINGER_TEST_FUZZ_RUNS;
const totalInputs = requested === undefined ? DEFAULT_INPUTS : Number(requested);
if (!Number.isInteger(totalInputs) || totalInputs < 1) {
  throw new Error(`HARBINGER_TEST_FUZZ_RUNS must be a number of inputs, not ${requested}`);
}

/** The short run is the same every time, so that it fails for a change and not by chance. A long one looks at new inputs, and says
 *  its seed so that it can be repeated. */
export const seed =
  process.env.HARBINGER_TEST_FUZZ_SEED === undefined
    ? requested === undefined
      ? 1
      : Date.now() % 2 ** 31
    : Number(process.env.HARBINGER_TEST_FUZZ_SEED);

export const isLongRun = requested !== undefined;

/** @param share of all inputs, in (0, 1] */
export function inputs(share: number): number {
  return Math.max(1, Math.round(totalInputs * share));
}

/** @param what names the run, so that runs with one seed differ */
export function randomOf(what: string): () => number {
  let hash = seed;
  for (const character of what) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  return seeded(hash);
}

/** Counts outcomes, and prints them at the end of a long run. */
export function createTally(what: string): {
  add(outcome: string): void;
  counts: ReadonlyMap<string, number>;
  print(): void;
} {
  const counts = new Map<string, number>();
  const startedMs = performance.now();
  return {
    counts,
    add: (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    print: () => {
      if (!isLongRun) return;
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([outcome, count]) => `${outcome} ${count}`);
      const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
      console.info(`${what}: ${total} inputs in ${seconds} s, seed ${seed}: ${parts.join(", ")}`);
    },
  };
}
