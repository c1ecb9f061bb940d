/** The rate of failures as it was known at any moment: what a model must beat from day to day. Never of later data: a prediction at t is
 *  compared with outcomes that were known at t, which are those of predictions a whole horizon earlier. */

interface Known {
  rows: number;
  positives: number;
}

interface Pending extends Known {
  /** known from then on */
  knownFromMs: number;
}

export interface LiveBaseRate {
  /** what training saw, worth `PRIOR_ROWS` */
  prior: number;
  known: Known;
  /** ascending by time */
  pending: Pending[];
}

const PRIOR_ROWS = 200;

/** @param prior share of positives in training, in (0, 1) */
export function createLiveBaseRate(prior: number): LiveBaseRate {
  return { prior, known: { rows: 0, positives: 0 }, pending: [] };
}

/** Adds outcomes of predictions made up to `throughMs`. Calls go forward in time. */
export function addOutcomes(
  rate: LiveBaseRate,
  outcomes: Known & { throughMs: number },
  horizonMs: number,
): LiveBaseRate {
  const { rows, positives, throughMs } = outcomes;
  return { ...rate, pending: [...rate.pending, { rows, positives, knownFromMs: throughMs + horizonMs }] };
}

/** Takes in what had become known by `atMs`; moments before are then not asked about any more. */
export function advanceTo(rate: LiveBaseRate, atMs: number): LiveBaseRate {
  const due = rate.pending.filter(({ knownFromMs }) => knownFromMs <= atMs);
  if (due.length === 0) return rate;
  const known = due.reduce(
    (sum, { rows, positives }) => ({ rows: sum.rows + rows, positives: sum.positives + positives }),
    rate.known,
  );
  return { ...rate, known, pending: rate.pending.filter((one) => !due.includes(one)) };
}

/** @returns in (0, 1) */
export function baseRateOf({ prior, known }: LiveBaseRate): number {
  return (prior * PRIOR_ROWS + known.positives) / (PRIOR_ROWS + known.rows);
}
