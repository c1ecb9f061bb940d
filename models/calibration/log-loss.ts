/** Probabilities are kept this far from 0 and 1, so that one certain mistake does not decide a comparison. */
const FLOOR = 1e-6;

/** −log of the probability given to what happened.
 *  @param probability of 1, in [0, 1]; taken as at least 1e-6 away from both ends   @param outcome 0 or 1 */
export function logLoss(probability: number, outcome: number): number {
  const given = outcome === 1 ? probability : 1 - probability;
  return -Math.log(Math.min(1 - FLOOR, Math.max(FLOOR, given)));
}
