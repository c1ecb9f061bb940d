/** How good a model is before anybody knows what became of its predictions: a calibrated probability says itself how often it is wrong.
 *
 *  Source: confidence-based performance estimation (CBPE), Garg et al. 2022, "Leveraging unlabeled data to predict out-of-distribution
 *  performance", section 2, and its use in NannyML: expected confusion counts are sums of p and 1 - p. It holds as long as the model is
 *  calibrated, so it sees inputs that became harder, and never that the same inputs now mean something else (concept drift). */

export interface EstimatedPerformance {
  rows: number;
  /** expected share of positives */
  positiveShare: number;
  /** expected Brier score */
  brier: number;
  /** 1 - expected Brier / Brier of always saying `positiveShare`; NaN when that is 0 */
  brierSkill: number;
  /** chance that a positive has the higher probability than a negative; NaN when one of the two is not to be expected */
  auc: number;
  /** expected accuracy at 0.5 */
  accuracy: number;
}

/** @param probability shape [n], calibrated, each in [0, 1]
 *  @returns all NaN but `rows` when n = 0 */
export function estimatePerformance(probability: ArrayLike<number>): EstimatedPerformance {
  const rows = probability.length;
  let [positives, brier, accuracy] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const p = probability[row]!;
    positives += p;
    brier += p * (1 - p);
    accuracy += Math.max(p, 1 - p);
  }
  const positiveShare = positives / rows;
  return {
    rows,
    positiveShare,
    brier: brier / rows,
    brierSkill: 1 - brier / rows / (positiveShare * (1 - positiveShare)),
    auc: expectedAuc(probability),
    accuracy: accuracy / rows,
  };
}

/** Mann and Whitney's statistic in which every row is a positive by p and a negative by 1 - p. */
function expectedAuc(probability: ArrayLike<number>): number {
  const ascending = Float64Array.from(probability).sort();
  let [positives, negatives, wins] = [0, 0, 0];
  for (let from = 0; from < ascending.length; ) {
    const p = ascending[from]!;
    let to = from;
    while (to < ascending.length && ascending[to] === p) to++;
    const tiedPositives = (to - from) * p;
    const tiedNegatives = (to - from) * (1 - p);
    // A row is never compared with itself: it is one or the other.
    wins += tiedPositives * negatives + (tiedPositives * tiedNegatives - (to - from) * p * (1 - p)) / 2;
    positives += tiedPositives;
    negatives += tiedNegatives;
    from = to;
  }
  let own = 0;
  for (const p of ascending) own += p * (1 - p);
  return wins / (positives * negatives - own);
}
