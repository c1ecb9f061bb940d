/** Discrete-time survival targets, after Gensheimer & Narasimhan 2019 ("A scalable discrete-time survival model for neural
 *  networks", section 3): time to onset is cut into buckets, and a row says for each bucket whether it was at risk there and, if so,
 *  whether the onset fell into it. Changed from the paper: a row censored inside a bucket is not at risk in it (the paper counts it
 *  from the middle on), so that half-seen buckets teach nothing wrong. */

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
    const onset = windowsToOnset[row]!;
    const seen = Number.isNaN(onset) ? observedWindows[row]! : onset;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const from = bucket === 0 ? 0 : edges[bucket - 1]!;
      const to = edges[bucket]!;
      const event = onset > from && onset <= to;
      if (event) label[row * buckets + bucket] = 1;
      if (event || seen >= to) mask[row * buckets + bucket] = 1;
    }
  }
  return { label, mask };
}

/** The outcome of one horizon: 1 an onset within it, 0 watched through it without one, NaN not known.
 *  @param horizonWindows in windows, > 0 */
export function outcomeWithin(windowsToOnset: number, observedWindows: number, horizonWindows: number): 0 | 1 | number {
  if (windowsToOnset <= horizonWindows) return 1;
  if (!Number.isNaN(windowsToOnset) || observedWindows >= horizonWindows) return 0;
  return Number.NaN;
}
