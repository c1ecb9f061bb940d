/** What can be said without a model: a chance of onset per window, shrunk from a built-in prior to the fleet's record to the
 *  service's own. Never 0 and never silent: without any history it is the built-in prior with its wide interval.
 *
 *  Source: empirical Bayes for proportions with beta priors, Efron and Morris 1975; each level is the next one's prior. Changed: prior
 *  strengths are set, not estimated, because a young fleet has too few services to estimate them from. */
import { betaQuantile } from "./beta.ts";
import type { HorizonForecast } from "./predict.ts";

/** Onsets seen in windows at which the service was not failing. */
export interface OnsetRecord {
  onsets: number;
  windows: number;
}

/** Weight of the built-in prior: as if half an onset had been seen in 500 windows. */
const BUILT_IN: OnsetRecord = { onsets: 0.5, windows: 500 };
/** How much of the service's own history the fleet's rate is worth, in windows. */
const FLEET_STRENGTH = 500;
const TAIL = 0.05;

export interface PriorRecords {
  /** all services together */
  fleet: OnsetRecord;
  service: OnsetRecord;
}

/** @param horizonsWindows > 0
 *  @returns one forecast per horizon with a 90 % interval, each probability in (0, 1) */
export function priorPrediction(records: PriorRecords, horizonsWindows: readonly number[]): HorizonForecast[] {
  const { alpha, beta } = posterior(records);
  const rate = alpha / (alpha + beta);
  const lowerRate = betaQuantile(TAIL, alpha, beta);
  const upperRate = betaQuantile(1 - TAIL, alpha, beta);
  return horizonsWindows.map((horizonWindows) => {
    const probability = within(rate, horizonWindows);
    const lower = Math.min(probability, within(lowerRate, horizonWindows));
    const upper = Math.max(probability, within(upperRate, horizonWindows));
    return { horizonWindows, probability, lower, upper, confidence: 1 - (upper - lower) };
  });
}

/** The prior's probability alone, without its interval, for scoring many rows. */
export function priorProbability(records: PriorRecords, horizonWindows: number): number {
  const { alpha, beta } = posterior(records);
  return within(alpha / (alpha + beta), horizonWindows);
}

/** Beta distribution of the chance of an onset in one window. */
function posterior({ fleet, service }: PriorRecords): { alpha: number; beta: number } {
  const fleetWindows = Math.max(fleet.windows, fleet.onsets);
  const fleetRate = (BUILT_IN.onsets + fleet.onsets) / (BUILT_IN.windows + fleetWindows);
  // A fleet seen for a moment is worth less than one seen for a week.
  const strength = Math.min(FLEET_STRENGTH, BUILT_IN.windows + fleetWindows);
  return {
    alpha: fleetRate * strength + service.onsets,
    beta: (1 - fleetRate) * strength + Math.max(0, service.windows - service.onsets),
  };
}

function within(ratePerWindow: number, windows: number): number {
  return -Math.expm1(windows * Math.log1p(-ratePerWindow));
}
