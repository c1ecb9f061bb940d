/** Discrete-time survival targets as matrices, after Gensheimer & Narasimhan 2019 ("A scalable discrete-time survival model for neural
 *  networks", section 3): time to onset is cut into buckets, and a row says for each bucket whether it was at risk there and, if so,
 *  whether the onset fell into it. Which buckets those are is decided by models/predictor/targets.ts, as in calibration. */
import { bucketTarget } from "../../models/predictor/targets.ts";

export interface HazardTargets {
  /** shape [n, B]: 1 in the bucket of the onset */
  label: Float32Array;
  /** shape [n, B]: 1 while at risk, the onset's bucket included */
  mask: Float32Array;
}

/** @param windowsToOnset shape [n]; NaN = no onset seen
 *  @param observedWindows shape [n]; how far the row was watched when there was none
 *  @param edges shape [B], ascending upper ends of the buckets in windows: bucket b covers (edges[b-1], edges[b]] */
export function hazardTargets(
  windowsToOnset: ArrayLike<number>,
  observedWindows: ArrayLike<number>,
  edges: readonly number[],
): HazardTargets {
  const n = windowsToOnset.length;
  const buckets = edges.length;
  const label = new Float32Array(n * buckets);
  const mask = new Float32Array(n * buckets);
  for (let row = 0; row < n; row += 1) {
    const { bucket, atRisk } = bucketTarget(windowsToOnset[row]!, observedWindows[row]!, edges);
    mask.fill(1, row * buckets, row * buckets + atRisk);
    if (bucket >= 0) label[row * buckets + bucket] = 1;
  }
  return { label, mask };
}

/** The outcome of one horizon: 1 an onset within it, 0 watched through it without one, NaN not known.
 *  @param horizonWindows in windows, > 0 */
export function outcomeWithin(windowsToOnset: number, observedWindows: number, horizonWindows: number): number {
  if (windowsToOnset <= horizonWindows) return 1;
  if (!Number.isNaN(windowsToOnset) || observedWindows >= horizonWindows) return 0;
  return Number.NaN;
}
