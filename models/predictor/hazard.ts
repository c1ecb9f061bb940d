/** Discrete-time survival: a network gives each bucket's hazard (the chance that the onset falls into it when none came before), and
 *  P(onset within H) = 1 - product of survivals. One model so serves every horizon, and horizons can never contradict each other.
 *
 *  Source: Gensheimer and Narasimhan 2019, "A scalable discrete-time survival model for neural networks", section 2; between
 *  edges the constant hazard interpolation of Kvamme and Borgan 2021, section 3.2. Changed: beyond the last edge the last bucket's
 *  hazard goes on. */

/** Recalibration of hazards: logit' = slope * logit + bias[bucket]. */
export interface HazardCalibration {
  /** shape [buckets]; > 0, so that the order of rows is kept within each bucket */
  slope: number[];
  /** shape [buckets] */
  bias: number[];
}

export function identityCalibration(bucketCount: number): HazardCalibration {
  return { slope: new Array<number>(bucketCount).fill(1), bias: new Array<number>(bucketCount).fill(0) };
}

/** -log P(no onset within the horizon): additive over buckets, so that small probabilities keep their digits.
 *  @param logits shape [buckets], hazard logits before calibration
 *  @param edges shape [buckets], ascending, in windows
 *  @param horizonWindows >= 0, fractions allowed
 *  @returns >= 0, not decreasing in `horizonWindows` */
export function cumulativeHazard(
  logits: ArrayLike<number>,
  edges: readonly number[],
  horizonWindows: number,
  calibration: HazardCalibration,
): number {
  let total = 0;
  let from = 0;
  for (let bucket = 0; bucket < edges.length; bucket++) {
    if (horizonWindows <= from) return total;
    const to = edges[bucket]!;
    const isLast = bucket === edges.length - 1;
    const share = (isLast ? horizonWindows - from : Math.min(horizonWindows, to) - from) / (to - from);
    total += share * softplus(calibration.slope[bucket]! * logits[bucket]! + calibration.bias[bucket]!);
    from = to;
  }
  return total;
}

/** Probability that an onset falls into the next `horizonWindows` windows; parameters as `cumulativeHazard`.
 *  @returns in [0, 1], not decreasing in `horizonWindows` */
export function probabilityWithin(
  logits: ArrayLike<number>,
  edges: readonly number[],
  horizonWindows: number,
  calibration: HazardCalibration,
): number {
  return -Math.expm1(-cumulativeHazard(logits, edges, horizonWindows, calibration));
}

/** log(p / (1 - p)) of a probability given by its cumulative hazard, exact also where p itself would round to 0 or 1. */
export function logOddsOfHazard(hazard: number): number {
  // expm1 overflows beyond 700, where log(expm1(x)) is x to the last digit.
  return hazard > 700 ? hazard : Math.log(Math.expm1(hazard));
}

/** log-odds of an onset within the horizon, for one row of many: as `logOddsOfHazard(cumulativeHazard(…))`, with one logarithm in all.
 *  The odds of "in this bucket or an earlier one" are e + (1 + e) * odds before, where e = exp(logit) are the bucket's own odds.
 *  @param at where the row's logits begin */
export function logOddsWithin(
  logits: Float64Array,
  at: number,
  edges: readonly number[],
  horizonWindows: number,
  { slope, bias }: HazardCalibration,
): number {
  const last = edges.length - 1;
  let odds = 0;
  let from = 0;
  for (let bucket = 0; bucket <= last && horizonWindows > from; bucket++) {
    const to = edges[bucket]!;
    const score = slope[bucket]! * logits[at + bucket]! + bias[bucket]!;
    const isWhole = bucket === last ? horizonWindows === to : horizonWindows >= to;
    const share = ((bucket === last ? horizonWindows : Math.min(horizonWindows, to)) - from) / (to - from);
    const own = isWhole ? Math.exp(score) : Math.expm1(share * softplus(score));
    odds = own + (1 + own) * odds;
    from = to;
  }
  if (odds < Number.POSITIVE_INFINITY) return Math.log(odds);
  return logOddsOfHazard(
    cumulativeHazard(logits.subarray(at, at + edges.length), edges, horizonWindows, { slope, bias }),
  );
}

/** log(1 + e^x): minus the log of a bucket's survival at hazard logit x. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

export function logit(probability: number): number {
  return Math.log(probability) - Math.log1p(-probability);
}
