/** How well probabilities hold, added up as outcomes become known. */

interface Bin {
  rows: number;
  /** sums over the rows */
  probability: number;
  positives: number;
}

/** shape [BINS], equal width */
export type Reliability = Bin[];

const BINS = 15;

export function createReliability(): Reliability {
  return Array.from({ length: BINS }, () => ({ rows: 0, probability: 0, positives: 0 }));
}

/** Adds one row, in place. */
export function addToReliability(bins: Reliability, probability: number, outcome: 0 | 1): void {
  const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))]!;
  bin.rows++;
  bin.probability += probability;
  bin.positives += outcome;
}

/** Expected calibration error, Guo et al. 2017 section 2, from the sums. @returns in [0, 1]; NaN without rows */
export function reliabilityError(bins: Reliability): number {
  const rows = bins.reduce((sum, bin) => sum + bin.rows, 0);
  return bins.reduce((sum, bin) => sum + Math.abs(bin.probability - bin.positives), 0) / rows;
}
