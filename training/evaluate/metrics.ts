/** Scores of probabilistic forecasts of a binary outcome. All take parallel arrays of shape [n]: probabilities in [0, 1] and outcomes 0
 *  or 1, and answer NaN where the outcomes do not allow an answer. */

/** Area under the ROC curve: the chance that a positive scores above a negative, ties halved (Mann and Whitney 1947). */
export function auc(score: ArrayLike<number>, outcome: ArrayLike<number>): number {
  const order = descending(score);
  let positives = 0;
  let negatives = 0;
  let wins = 0;
  for (let from = 0; from < order.length; ) {
    const to = endOfTie(order, score, from);
    let tiedPositives = 0;
    for (let index = from; index < to; index++) tiedPositives += outcome[order[index]!]!;
    const tiedNegatives = to - from - tiedPositives;
    // Positives seen so far beat these negatives; tied ones count half.
    wins += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    from = to;
  }
  return wins / (positives * negatives);
}

/** Average precision: mean over positives of the precision at their score, tied scores taken together (as scikit-learn's). */
export function averagePrecision(score: ArrayLike<number>, outcome: ArrayLike<number>): number {
  const order = descending(score);
  let positives = 0;
  let total = 0;
  for (let from = 0; from < order.length; ) {
    const to = endOfTie(order, score, from);
    let tiedPositives = 0;
    for (let index = from; index < to; index++) tiedPositives += outcome[order[index]!]!;
    positives += tiedPositives;
    total += tiedPositives * (positives / to);
    from = to;
  }
  return total / positives;
}

/** Mean squared error of the probabilities (Brier 1950). */
export function brier(probability: ArrayLike<number>, outcome: ArrayLike<number>): number {
  let total = 0;
  for (let row = 0; row < probability.length; row++) total += (probability[row]! - outcome[row]!) ** 2;
  return total / probability.length;
}

/** Brier score of always saying the rows' own base rate: what skill is measured from. */
export function baseRateBrier(outcome: ArrayLike<number>): number {
  const rate = shareOfPositives(outcome);
  return rate * (1 - rate);
}

export function shareOfPositives(outcome: ArrayLike<number>): number {
  let positives = 0;
  for (let row = 0; row < outcome.length; row++) positives += outcome[row]!;
  return positives / outcome.length;
}

/** Share of rows on the right side of the threshold. */
export function accuracy(probability: ArrayLike<number>, outcome: ArrayLike<number>, threshold = 0.5): number {
  let right = 0;
  for (let row = 0; row < probability.length; row++) {
    if (probability[row]! >= threshold === (outcome[row] === 1)) right++;
  }
  return right / probability.length;
}

/** Harmonic mean of precision and recall when every probability >= threshold is an alarm; 0 without a true alarm. */
export function f1At(probability: ArrayLike<number>, outcome: ArrayLike<number>, threshold: number): number {
  let alarms = 0;
  let trueAlarms = 0;
  let positives = 0;
  for (let row = 0; row < probability.length; row++) {
    const alarm = probability[row]! >= threshold;
    if (alarm) alarms++;
    if (alarm && outcome[row] === 1) trueAlarms++;
    positives += outcome[row]!;
  }
  return trueAlarms === 0 ? 0 : (2 * trueAlarms) / (alarms + positives);
}

/** The threshold with the best F1 on these rows; the highest of several.
 *  @returns threshold NaN when there is no positive */
export function bestF1Threshold(
  probability: ArrayLike<number>,
  outcome: ArrayLike<number>,
): { threshold: number; f1: number } {
  const order = descending(probability);
  const allPositives = shareOfPositives(outcome) * outcome.length;
  let best = { threshold: Number.NaN, f1: 0 };
  let trueAlarms = 0;
  for (let from = 0; from < order.length; ) {
    const to = endOfTie(order, probability, from);
    for (let index = from; index < to; index++) trueAlarms += outcome[order[index]!]!;
    const f1 = (2 * trueAlarms) / (to + allPositives);
    if (f1 > best.f1) best = { threshold: probability[order[from]!]!, f1 };
    from = to;
  }
  return best;
}

/** Middle value, mean of the two middle ones for an even number; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function descending(score: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: score.length }, (_, row) => row).sort((a, b) => score[b]! - score[a]!);
}

function endOfTie(order: Uint32Array, score: ArrayLike<number>, from: number): number {
  let to = from + 1;
  while (to < order.length && score[order[to]!] === score[order[from]!]) to++;
  return to;
}
