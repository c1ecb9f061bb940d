interface ReliabilityBin {
  count: number;
  /** mean forecast in the bin */
  probability: number;
  /** share of positives in the bin */
  outcome: number;
}

/** Reliability diagram over equal-width bins; empty bins are left out.
 *  @param probability shape [n], each in [0, 1]   @param outcome shape [n], 0 or 1 */
function reliabilityBins(probability: ArrayLike<number>, outcome: ArrayLike<number>, binCount = 15): ReliabilityBin[] {
  const bins = Array.from({ length: binCount }, () => ({ count: 0, probability: 0, outcome: 0 }));
  for (let row = 0; row < probability.length; row++) {
    const bin = bins[Math.min(binCount - 1, Math.floor(probability[row]! * binCount))]!;
    bin.count++;
    bin.probability += probability[row]!;
    bin.outcome += outcome[row]!;
  }
  return bins
    .filter((bin) => bin.count > 0)
    .map(({ count, probability: sum, outcome: positives }) => ({
      count,
      probability: sum / count,
      outcome: positives / count,
    }));
}

/** Expected calibration error over equal-width bins, after Guo et al. 2017 section 2. Changed from the paper: binary form
 *  (outcome rate in place of accuracy); empty bins are skipped.
 *  @param probability shape [n], each in [0, 1]   @param outcome shape [n], 0 or 1
 *  @returns value in [0, 1]; NaN when n = 0 */
export function expectedCalibrationError(
  probability: ArrayLike<number>,
  outcome: ArrayLike<number>,
  binCount = 15,
): number {
  if (probability.length === 0) return Number.NaN;
  const error = reliabilityBins(probability, outcome, binCount).reduce(
    (sum, bin) => sum + bin.count * Math.abs(bin.probability - bin.outcome),
    0,
  );
  return error / probability.length;
}
