/** Exponentially decayed statistics, the accumulators under every feature with a lookback. A half-life is counted in windows, so
 *  that windows of one second and of ten minutes share one definition; a gap of n windows decays n times.
 *
 *  Source: exponential forgetting as in Cormode, Shkapenyuk, Srivastava and Xu 2009, "Forward decay", section 3 (backward
 *  form). Changed: numbers below 1e-9 become 0, so that state stays short as JSON and never meets denormal arithmetic. */

const NEGLIGIBLE = 1e-9;
/** A ratio whose denominator has decayed below this is missing rather than a guess from long ago. */
const STALE_WEIGHT = 0.02;

/** Sums of a numerator and a denominator at each half-life of the bank. */
export interface DecayedRatio {
  numerator: number[];
  denominator: number[];
}

export interface HalfLives {
  readonly windows: readonly number[];
  /** factor per window, index-aligned with `windows` */
  readonly factors: readonly number[];
}

export function halfLives(...windows: number[]): HalfLives {
  return { windows, factors: windows.map((window) => 2 ** (-1 / window)) };
}

export function createDecayedRatio(lives: HalfLives): DecayedRatio {
  return { numerator: lives.windows.map(() => 0), denominator: lives.windows.map(() => 0) };
}

/** Ages the bank by `steps` windows, in place. */
export function ageRatio(bank: DecayedRatio, lives: HalfLives, steps: number): void {
  if (steps <= 0) return;
  const { numerator, denominator } = bank;
  for (let index = 0; index < numerator.length; index++) {
    const factor = steps === 1 ? lives.factors[index]! : lives.factors[index]! ** steps;
    numerator[index] = settle(numerator[index]! * factor);
    denominator[index] = settle(denominator[index]! * factor);
  }
}

export function addRatio(bank: DecayedRatio, numerator: number, denominator: number): void {
  for (let index = 0; index < bank.numerator.length; index++) {
    bank.numerator[index] = bank.numerator[index]! + numerator;
    bank.denominator[index] = bank.denominator[index]! + denominator;
  }
}

/** Numerator over denominator at one half-life; NaN when too little is known. */
export function ratioAt(bank: DecayedRatio, index: number): number {
  const denominator = bank.denominator[index]!;
  return denominator < STALE_WEIGHT ? Number.NaN : bank.numerator[index]! / denominator;
}

/** How many times `level` is of `baseline`, smoothed by `unit` so that two small numbers are about equal; NaN when either is
 *  missing. */
export function timesOf(level: number, baseline: number, unit: number): number {
  return (level + unit) / (baseline + unit);
}

/** One decayed sum aged by `steps` windows at a factor per window. */
export function ageSum(sum: number, factor: number, steps: number): number {
  return steps <= 0 ? sum : settle(sum * (steps === 1 ? factor : factor ** steps));
}

function settle(value: number): number {
  return Math.abs(value) < NEGLIGIBLE ? 0 : value;
}
