/** Do stated intervals hold? An interval of the predictor says where, with the stated certainty, the rate lies at which rows with this
 *  score really come true. One row's rate is never seen, but that of many rows with similar scores is, up to the chance of counting.
 *
 *  Rows are sorted by probability and cut into bins in which the same number of events is expected. A bin is covered when its observed
 *  rate is no farther from its mean probability than half-width and counting error together: |rate - p| <= hypot(half, z * se), where
 *  half is the mean distance to the bound on that side and se = sqrt(p (1 - p) / m) over m independent stretches of rows (rows of one
 *  service within one horizon mostly share their outcome). If the intervals hold and both errors are about normal, the share of covered
 *  bins is the stated certainty. The normal approximation of the binomial is why bins must expect some events each. */

export interface StatedIntervals {
  /** shape [n] each, in [0, 1] */
  probability: ArrayLike<number>;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
  /** shape [n], 0 or 1 */
  outcome: ArrayLike<number>;
  /** shape [n]: rows with equal numbers count as one observation */
  cluster: ArrayLike<number>;
}

export interface IntervalCoverage {
  bins: number;
  covered: number;
  /** of the intervals, over all rows */
  meanWidth: number;
  /** share of bins that chance in counting alone covers: what intervals of no width would get */
  coveredWithoutWidth: number;
}

const MOST_BINS = 20;
/** Independent events that a bin must expect. */
const MIN_EVENTS = 5;

/** @param z standard normal quantile of the stated certainty, 1.645 for 90 %
 *  @returns null when too few events are expected for a single bin */
export function intervalCoverage(rows: StatedIntervals, z: number): IntervalCoverage | null {
  const order = Uint32Array.from({ length: rows.probability.length }, (_, row) => row);
  order.sort((a, b) => rows.probability[a]! - rows.probability[b]! || a - b);
  const expected = sumOver(order, rows.probability);
  const independence = new Set(Array.from(rows.cluster)).size / Math.max(1, order.length);
  const bins = Math.min(MOST_BINS, Math.floor((expected * independence) / MIN_EVENTS));
  if (bins < 1) return null;
  const checked = cutByExpectation(order, rows.probability, expected / bins).map((bin) => checkBin(rows, bin, z));
  return {
    bins: checked.length,
    covered: checked.filter(({ covered }) => covered).length,
    coveredWithoutWidth: checked.filter(({ coveredByChance }) => coveredByChance).length / checked.length,
    meanWidth: (sumOver(order, rows.upper) - sumOver(order, rows.lower)) / order.length,
  };
}

/** Consecutive runs of rows, each expecting `each` events; what is left over joins the last. */
function cutByExpectation(order: Uint32Array, probability: ArrayLike<number>, each: number): Uint32Array[] {
  const cuts: Uint32Array[] = [];
  let from = 0;
  let sum = 0;
  order.forEach((row, index) => {
    sum += probability[row]!;
    // a hair less, so that rounding does not push the last row into a bin of its own
    if (sum < each * (cuts.length + 1) * (1 - 1e-9)) return;
    cuts.push(order.subarray(from, index + 1));
    from = index + 1;
  });
  const last = cuts.pop() ?? order.subarray(0, 0);
  return [...cuts, order.subarray(from - last.length)];
}

function checkBin(rows: StatedIntervals, bin: Uint32Array, z: number): { covered: boolean; coveredByChance: boolean } {
  const mean = (values: ArrayLike<number>) => sumOver(bin, values) / bin.length;
  const probability = mean(rows.probability);
  const distance = mean(rows.outcome) - probability;
  const half = distance >= 0 ? mean(rows.upper) - probability : probability - mean(rows.lower);
  const stretches = new Set(Array.from(bin, (row) => rows.cluster[row]!)).size;
  const counting = z * Math.sqrt((probability * (1 - probability)) / stretches);
  return {
    covered: Math.abs(distance) <= Math.hypot(half, counting),
    coveredByChance: Math.abs(distance) <= counting,
  };
}

function sumOver(rows: Uint32Array, values: ArrayLike<number>): number {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  return sum;
}
