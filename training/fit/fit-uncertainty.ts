/** How wide intervals have to be, found by rolling origin on the calibration slice: cut into halves of time, the first is answered as the fit
 *  left it, the second with level and slope as fitted on the first, and the rates that came true in bins of similar
 *  answers are compared with those that were stated. What differs beyond the chance of counting is of two kinds: the fleet's rate drifts
 *  (the same for every row), and members agree more than they should (in proportion to their spread). Both by maximum likelihood of
 *  normal errors in log-odds. */
import { fitPlatt } from "../../models/calibration/platt.ts";
import { logit, sigmoid } from "../../models/predictor/hazard.ts";
import { blocksOfTime } from "./clusters.ts";

export interface OutOfSampleRows {
  /** shape [n] each: log-odds of an onset within the horizon, before calibration, and the members' standard deviation in it */
  score: ArrayLike<number>;
  spread: ArrayLike<number>;
  /** 0 or 1 */
  outcome: ArrayLike<number>;
  atMs: ArrayLike<number>;
  /** rows with equal numbers are one observation */
  cluster: ArrayLike<number>;
}

export interface FittedUncertainty {
  /** standard deviation of the fleet's level between one stretch of time and the next, in log-odds */
  drift: number;
  /** factor from the members' deviation to an error, at least 1 */
  spreadScale: number;
}

/** Few and long: what goes up and down within days evens out over the time in which a model serves. */
const BLOCKS = 2;
const BINS = 10;
/** Independent stretches with an onset that a bin must hold for its rate to be about normal in log-odds. */
const MIN_EVENTS = 4;
const DRIFTS = Array.from({ length: 25 }, (_, step) => step * 0.04);
const SCALES = [1, 1.5, 2, 2.5, 3, 4] as const;

/** Observed against stated rate of one bin. */
interface Deviation {
  /** in log-odds */
  error: number;
  /** variance of counting, here and for the level before */
  counting: number;
  /** mean square of the members' deviation */
  spread: number;
}

/** @returns no drift and scale 1 where there are too few onsets to tell */
export function fitUncertainty(rows: OutOfSampleRows): FittedUncertainty {
  const deviations = blocksOfTime(rows.atMs, BLOCKS).flatMap((block, index, blocks) => {
    const before = blocks.slice(0, index).flatMap((rowsBefore) => [...rowsBefore]);
    const { slope, intercept } =
      before.length === 0 ? { slope: 1, intercept: 0 } : fitPlatt(take(rows.score, before), take(rows.outcome, before));
    // The level before is known only as well as the onsets before tell.
    const onsets = new Set(before.filter((row) => rows.outcome[row] === 1).map((row) => rows.cluster[row]!)).size;
    const unsure = before.length === 0 ? 0 : 1 / (onsets + 0.5);
    return deviationsIn(rows, block, (score) => slope * score + intercept).map((deviation) => ({
      ...deviation,
      counting: deviation.counting + unsure,
    }));
  });
  let best = { drift: 0, spreadScale: 1 };
  if (deviations.length === 0) return best;
  let least = Number.POSITIVE_INFINITY;
  for (const spreadScale of SCALES) {
    for (const drift of DRIFTS) {
      const loss = deviations.reduce((sum, { error, counting, spread }) => {
        const variance = counting + drift ** 2 + spreadScale ** 2 * spread;
        return sum + error ** 2 / variance + Math.log(variance);
      }, 0);
      if (loss < least) [least, best] = [loss, { drift, spreadScale }];
    }
  }
  return best;
}

function deviationsIn(rows: OutOfSampleRows, block: Int32Array, calibrated: (score: number) => number): Deviation[] {
  const { score, spread, outcome, cluster } = rows;
  const sorted = block.slice().sort((a, b) => score[a]! - score[b]! || a - b);
  const stated = Float64Array.from(sorted, (row) => sigmoid(calibrated(score[row]!)));
  const each = stated.reduce((sum, value) => sum + value, 0) / BINS;
  const deviations: Deviation[] = [];
  let [from, expected, sum] = [0, 0, 0];
  for (let at = 0; at < sorted.length; at++) {
    expected += stated[at]!;
    sum += stated[at]!;
    // a hair less, so that rounding does not leave a bin without end
    if (sum < each * (1 - 1e-9) && at + 1 < sorted.length) continue;
    const bin = sorted.subarray(from, at + 1);
    const stretches = new Set(Array.from(bin, (row) => cluster[row]!)).size;
    const rate = bin.reduce((total, row) => total + outcome[row]!, 0) / bin.length;
    const events = rate * stretches;
    if (events >= MIN_EVENTS && stretches - events >= MIN_EVENTS) {
      deviations.push({
        error: logit(rate) - logit(expected / bin.length),
        counting: 1 / events + 1 / (stretches - events),
        spread: bin.reduce((total, row) => total + spread[row]! ** 2, 0) / bin.length,
      });
    }
    [from, expected, sum] = [at + 1, 0, sum - each];
  }
  return deviations;
}

function take(values: ArrayLike<number>, rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!);
}
