/** Which buckets of a row take part in the survival likelihood, and in which of them the onset fell. */

/** One row's target. Buckets 0 .. atRisk-1 count; the onset fell into `bucket`, which then is atRisk-1. */
export interface BucketTarget {
  /** -1: no onset among the buckets at risk */
  bucket: number;
  /** buckets that were at risk and fully observed */
  atRisk: number;
}

/** Cuts a label into buckets. A bucket that the observation ends inside is left out (censoring): it says too little.
 *  @param windowsToOnset >= 1; NaN = none seen   @param observedWindows windows after the row in which an onset would be seen */
export function bucketTarget(windowsToOnset: number, observedWindows: number, edges: readonly number[]): BucketTarget {
  for (let bucket = 0; bucket < edges.length; bucket++) {
    if (windowsToOnset <= edges[bucket]!) return { bucket, atRisk: bucket + 1 };
    if (observedWindows < edges[bucket]!) return { bucket: -1, atRisk: bucket };
  }
  return { bucket: -1, atRisk: edges.length };
}
