/** How much boosted trees have to say beside the network: the share of the log-odds that is best on rows which neither has seen, once level
 *  and slope are set right (which calibration does afterwards). Shares that the rows cannot tell from the best count as equally good, and
 *  of these the one nearest to one half is taken: two voices that err differently are safer together on what comes later. */

import { logLoss } from "../../models/calibration/log-loss.ts";
import { applyPlatt, fitPlatt } from "../../models/calibration/platt.ts";
import { identityCalibration, logOddsWithin } from "../../models/predictor/hazard.ts";
import { clusteredMean } from "../gate/calibration-error.ts";

export interface TwoVoices {
  /** shape [n, edges.length] each, hazard logits before calibration */
  network: Float64Array;
  trees: Float64Array;
  edges: readonly number[];
  horizonWindows: number;
  /** shape [n]: 1 an onset within the horizon, 0 none, NaN not known */
  outcome: ArrayLike<number>;
  /** shape [n]: rows with equal numbers are one observation */
  cluster: ArrayLike<number>;
}

const SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;

/** @returns the trees' share in [0, 1]; 0 when the rows hold only one outcome */
export function chooseShare(voices: TwoVoices): number {
  const known = Int32Array.from(voices.outcome, (_, row) => row).filter((row) => !Number.isNaN(voices.outcome[row]!));
  if (new Set(Array.from(known, (row) => voices.outcome[row]!)).size < 2) return 0;
  const losses = SHARES.map((share) => lossesAt(voices, known, share));
  const totals = losses.map((own) => own.reduce((sum, loss) => sum + loss, 0));
  const best = totals.indexOf(Math.min(...totals));
  const isAsGood = (index: number): boolean => {
    const differences = losses[index]!.map((loss, row) => loss - losses[best]![row]!);
    const { mean, variance } = clusteredMean(
      Array.from(differences, (value, row) => ({ cluster: voices.cluster[known[row]!]!, value })),
    );
    return mean <= Math.sqrt(variance);
  };
  const distance = (share: number): number => Math.abs(share - 0.5);
  return SHARES.filter((_, index) => index === best || isAsGood(index)).reduce((nearest, share) =>
    distance(share) < distance(nearest) ? share : nearest,
  );
}

/** Log loss of each known row at one share, level and slope fitted to them. */
function lossesAt(voices: TwoVoices, known: Int32Array, share: number): Float64Array {
  const { network, trees, edges, horizonWindows, outcome } = voices;
  const buckets = edges.length;
  const calibration = identityCalibration(buckets);
  const mixed = new Float64Array(buckets);
  const score = Float64Array.from(known, (row) => {
    for (let bucket = 0; bucket < buckets; bucket++) {
      const cell = row * buckets + bucket;
      mixed[bucket] = (1 - share) * network[cell]! + share * trees[cell]!;
    }
    return logOddsWithin(mixed, 0, edges, horizonWindows, calibration);
  });
  const seen = Float64Array.from(known, (row) => outcome[row]!);
  const platt = fitPlatt(score, seen);
  return score.map((value, index) => logLoss(applyPlatt(platt, value), seen[index]!));
}
