/** Calibration error that does not mistake the noise of few observations for miscalibration: the expected calibration error over
 *  equal-mass bins (Guo et al. 2017, section 2), less the error that a perfectly calibrated model would show on the same bins (the
 *  idea of consistency bars, Bröcker & Smith 2007). The plain error of a perfect model falls only like 1/sqrt(n) and would reject every
 *  small job; with many observations the two agree.
 *  Changed from the sources: the noise of each bin is not resampled but taken as normal, E|mean| = sqrt(2/π · variance), and its
 *  variance is robust to clusters. Rows of one service within one horizon share their outcome, so they are one observation and not
 *  many; `cluster` says which belong together. */

export interface CalibrationSample {
  /** shape [n], each in [0, 1] */
  probability: ArrayLike<number>;
  /** shape [n], 0 or 1 */
  outcome: ArrayLike<number>;
  /** shape [n]: rows with the same number share their outcome's cause */
  cluster: ArrayLike<number>;
}

export interface CalibrationError {
  /** over equal-mass bins, as seen; in [0, 1] */
  observed: number;
  /** what chance alone would show */
  expectedByChance: number;
  /** observed − expectedByChance, at least 0: what the gate reads */
  excess: number;
}

const MAX_BINS = 15;
const CLUSTERS_PER_BIN = 10;

/** @returns all NaN when there are no rows or fewer than two clusters */
export function calibrationErrorBeyondChance({ probability, outcome, cluster }: CalibrationSample): CalibrationError {
  const n = probability.length;
  const clusters = new Set(Array.from({ length: n }, (_, row) => cluster[row]!)).size;
  if (clusters < 2) return { observed: Number.NaN, expectedByChance: Number.NaN, excess: Number.NaN };
  const bins = Math.max(1, Math.min(MAX_BINS, Math.floor(clusters / CLUSTERS_PER_BIN)));
  let observed = 0;
  let expectedByChance = 0;
  for (const rows of equalMassBins(probability, bins)) {
    const residuals = rows.map((row) => ({ cluster: cluster[row]!, value: outcome[row]! - probability[row]! }));
    const { mean, variance } = clusteredMean(residuals);
    observed += (rows.length / n) * Math.abs(mean);
    expectedByChance += (rows.length / n) * Math.sqrt((2 / Math.PI) * variance);
  }
  return { observed, expectedByChance, excess: Math.max(0, observed - expectedByChance) };
}

/** Row numbers in ascending order of probability, cut into bins of about equal size; equal probabilities stay together. */
function equalMassBins(probability: ArrayLike<number>, bins: number): number[][] {
  const n = probability.length;
  const order = Array.from({ length: n }, (_, row) => row).sort((a, b) => probability[a]! - probability[b]! || a - b);
  const result: number[][] = [];
  let from = 0;
  for (let bin = 1; bin <= bins && from < n; bin += 1) {
    let to = Math.max(from + 1, Math.round((bin * n) / bins));
    while (to < n && probability[order[to]!] === probability[order[to - 1]!]) to += 1;
    result.push(order.slice(from, to));
    from = to;
  }
  return result;
}

/** Mean with the variance of that mean when values of one cluster are dependent (Liang & Zeger 1986, small-sample factor C/(C−1)).
 *  A single cluster says nothing about the variance: it counts as all noise. */
export function clusteredMean(values: readonly { cluster: number; value: number }[]): {
  mean: number;
  variance: number;
} {
  const n = values.length;
  const mean = values.reduce((sum, entry) => sum + entry.value, 0) / n;
  const deviations = new Map<number, number>();
  for (const { cluster, value } of values) deviations.set(cluster, (deviations.get(cluster) ?? 0) + value - mean);
  const count = deviations.size;
  if (count < 2) return { mean, variance: mean * mean };
  let squares = 0;
  for (const deviation of deviations.values()) squares += deviation * deviation;
  return { mean, variance: ((count / (count - 1)) * squares) / (n * n) };
}
