/** Evidence that forecaster A has less Brier loss than forecaster B, which may be looked at after every window without its false alarms
 *  adding up.
 *
 *  Wealth is staked on A against B at each moment t: W = W (1 + c_t g_t), where g_t = sum over services of (Brier loss of B - Brier loss
 *  of A) and c_t is fixed before the outcome. As long as B is expected to do at least as well at every moment, wealth is a nonnegative
 *  supermartingale that starts at 1, and by Ville's inequality it ever reaches 1/alpha with probability at most alpha.
 *
 *  Sources, and what was changed:
 *  - Choe and Ramdas 2023, "Comparing sequential forecasters", section 4: e-processes of score differences. Their bound on a difference
 *    is a constant; here it is the most that A can lose at t, known as soon as both have answered, so a stake never risks more than
 *    `MOST_AT_RISK` of the wealth and quiet moments, at which both say nearly the same, may be staked on as they are.
 *  - Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", section 5: an even mixture over a grid of
 *    stakes in place of a tuned one.
 *  - Shin, Ramdas and Rinaldo 2024, "E-detectors", section 2: a mixture over the moment from which on A is better, so that a good past does
 *    not have to be used up first. Their detector bounds the mean time to a false alarm; with starting weights that sum to 1
 *    (1/sqrt(n) - 1/sqrt(n+1)) the mixture stays a supermartingale, and the bound holds for the whole life of a model.
 *  - Henzi and Ziegel 2022, "Valid sequential inference on probability forecast performance", section 4: an outcome is known a whole
 *    horizon after its forecast, so moments are dealt out to sequences in which each outcome is known before the next forecast. The
 *    sequences' p-values 1/sup W are merged by e times their geometric mean, valid under any dependence (Vovk and Wang 2020, "Combining
 *    p-values via averaging", table 1). */

const STAKES = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3].map((power) => 2 ** power);
const MOST_AT_RISK = 0.9;

interface Sequence {
  steps: number;
  /** shape [stakes]: wealth put in so far, as it has become */
  wealth: number[];
  /** log of the highest wealth ever, >= 0 */
  peak: number;
}

/** Plain JSON, so that it lives in a database row between steps. */
export interface PairedEvidence {
  sequences: Sequence[];
}

/** What both forecasters said at one moment, and what came of it; sums over services. */
export interface PairedMoment {
  /** loss of B - loss of A */
  gain: number;
  /** the least that `gain` could have been, as a positive number; >= -gain */
  risk: number;
}

/** @param sequences >= 1: moments between a forecast and its outcome */
export function createPairedEvidence(sequences: number): PairedEvidence {
  return {
    sequences: Array.from({ length: sequences }, () => ({ steps: 0, wealth: STAKES.map(() => 0), peak: 0 })),
  };
}

/** What one service adds to a moment.
 *  @param a @param b probabilities in [0, 1]   @param outcome 0 or 1 */
export function pairedMoment(a: number, b: number, outcome: number): PairedMoment {
  const gainIf = (seen: number): number => (b - seen) ** 2 - (a - seen) ** 2;
  return { gain: gainIf(outcome), risk: Math.max(0, -Math.min(gainIf(0), gainIf(1))) };
}

/** @param moment a running number of the moment: consecutive ones go to different sequences */
export function addMoment(evidence: PairedEvidence, moment: number, { gain, risk }: PairedMoment): PairedEvidence {
  if (risk === 0) return evidence;
  const turn = moment % evidence.sequences.length;
  const sequences = evidence.sequences.map((sequence, index) =>
    index === turn ? step(sequence, gain, risk) : sequence,
  );
  return { sequences };
}

/** Chance, at most, that evidence ever becomes as strong as it was although B is no worse than A. @returns in (0, 1] */
export function evidencePValue({ sequences }: PairedEvidence): number {
  const meanPeak = sequences.reduce((sum, { peak }) => sum + peak, 0) / sequences.length;
  return Math.min(1, Math.exp(1 - meanPeak));
}

function step({ steps, wealth, peak }: Sequence, gain: number, risk: number): Sequence {
  const begins = 1 / Math.sqrt(steps + 1) - 1 / Math.sqrt(steps + 2);
  const next = wealth.map((amount, index) => {
    const stake = Math.min(STAKES[index]!, MOST_AT_RISK / risk);
    return (amount + begins) * (1 + stake * gain);
  });
  const notYetBegun = 1 / Math.sqrt(steps + 2);
  const total = next.reduce((sum, amount) => sum + amount, 0) / next.length + notYetBegun;
  return { steps: steps + 1, wealth: next.map(bounded), peak: Math.max(peak, Math.log(total)) };
}

/** Wealth beyond any decision is not told apart, and JSON has no infinity. */
function bounded(amount: number): number {
  return Math.min(amount, 1e200);
}
