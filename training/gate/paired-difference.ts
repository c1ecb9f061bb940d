/** Two models scored on the same rows: the mean difference of their losses, row by row, with an error that knows which rows are one
 *  observation. */
import { logLoss } from "../../models/calibration/log-loss.ts";
import { clusteredMean } from "./calibration-error.ts";
import type { ChampionComparison } from "./gate.ts";

/** @param candidate @param champion @param outcome @param cluster all shape [n]; outcome 0 or 1 */
export function comparePredictions(
  candidate: ArrayLike<number>,
  champion: ArrayLike<number>,
  outcome: ArrayLike<number>,
  cluster: ArrayLike<number>,
): Omit<ChampionComparison, "version"> {
  const n = outcome.length;
  const values: { cluster: number; value: number }[] = [];
  let brierDifference = 0;
  for (let row = 0; row < n; row += 1) {
    const [ours, theirs, seen] = [candidate[row]!, champion[row]!, outcome[row]!];
    values.push({ cluster: cluster[row]!, value: logLoss(ours, seen) - logLoss(theirs, seen) });
    brierDifference += ((ours - seen) ** 2 - (theirs - seen) ** 2) / n;
  }
  const { mean, variance } = clusteredMean(values);
  return { rows: n, logLossDifference: mean, standardError: Math.sqrt(variance), brierDifference };
}
