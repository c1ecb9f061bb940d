/** Calibration error that does not mistake a small sample's noise for miscalibration: root-mean-square difference between predicted
 *  and observed rate over equal-mass bins, debiased, after Kumar, Liang & Ma 2019 ("Verified Uncertainty Calibration", section 4).
 *  The plain binned error (Guo et al. 2017) of a perfectly calibrated model grows like 1/sqrt(n) and would fail every small job.
 *  Changed from the paper: the variance that is subtracted in each bin is cluster-robust. Rows of one service within one horizon
 *  share their outcome, so they are one observation and not many; `cluster` says which belong together. By Jensen's inequality the
 *  root mean square is never below the mean absolute error, so with many rows this is the stricter of the two. */

export interface CalibrationSample {
  /** shape [n], each in [0, 1] */
  probability: ArrayLike<number>;
  /** shape [n], 0 or 1 */
  outcome: ArrayLike<number>;
  /** shape [n]: rows with the same number share their outcome's cause */
  cluster: ArrayLike<number>;
}

const MAX_BINS = 15;
const CLUSTERS_PER_BIN = 10;

/** @returns value in [0, 1]; NaN when there are no rows or fewer than two clusters */
export function debiasedCalibrationError({ probability, outcome, cluster }: CalibrationSample): number {
  const n = probability.length;
  const clusters = new Set(Array.from({ length: n }, (_, row) => cluster[row]!)).size;
  if (n === 0 || clusters < 2) return Number.NaN;
  const order = Array.from({ length: n }, (_, row) => row).sort((a, b) => probability[a]! - probability[b]! || a - b);
  const bins = Math.max(1, Math.min(MAX_BINS, Math.floor(clusters / CLUSTERS_PER_BIN)));
  let total = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const rows = order.slice(Math.floor((bin * n) / bins), Math.floor(((bin + 1) * n) / bins));
    if (rows.length === 0) continue;
    const residuals = rows.map((row) => ({ cluster: cluster[row]!, value: outcome[row]! - probability[row]! }));
    const { mean, variance } = clusteredMean(residuals);
    total += (rows.length / n) * (mean * mean - variance);
  }
  return Math.sqrt(Math.max(0, total));
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
