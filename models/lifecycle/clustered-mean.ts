/** How sure a mean over rows is when rows of one service depend on each other, and so do rows of one moment.
 *
 *  Source: Cameron, Gelbach and Miller 2011, "Robust inference with multiway clustering", equation 2.11: the variance by time plus that by
 *  service less that by both. Changed: that difference can come out too small, even negative, when there are few clusters of one kind, so the
 *  largest of the three variances stands (Cameron and Miller 2015, section VI.C, call this the cautious choice). */

export interface ClusterSums {
  rows: number;
  /** over all rows */
  sum: number;
  /** clusters, and the sum over clusters of (sum of value - mean)^2, per way of clustering */
  byTime: { clusters: number; squares: number };
  byService: { clusters: number; squares: number };
  byBoth: { clusters: number; squares: number };
}

export interface UncertainMean {
  mean: number;
  standardError: number;
}

/** @returns null for fewer than two moments: nothing then says how sure the mean is */
export function clusteredMean({ rows, sum, byTime, byService, byBoth }: ClusterSums): UncertainMean | null {
  if (byTime.clusters < 2) return null;
  const variance = ({ clusters, squares }: { clusters: number; squares: number }): number =>
    clusters < 2 ? 0 : ((clusters / (clusters - 1)) * squares) / rows ** 2;
  const [time, service, both] = [variance(byTime), variance(byService), variance(byBoth)];
  return { mean: sum / rows, standardError: Math.sqrt(Math.max(time, service, time + service - both)) };
}
