/** How to fit, from how much there is: few rows get small batches, strong priors and a second pass over everything; many get large
 *  batches, few epochs and a search for their settings. */

import { clusterRows } from "./clusters.ts";
import type { HazardOptions } from "./fit-hazard.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface FitPlan {
  settings: Omit<HazardOptions, "width" | "buckets" | "classes" | "members" | "seed" | "onEpoch">;
  /** rows to fit on while looking for the number of epochs */
  fit: Int32Array;
  /** later rows to stop by; null when they hold too few onsets to tell anything */
  stop: Int32Array | null;
  /** few rows: fit again on all of them once the number of epochs is known */
  refit: boolean;
}

/** Share of the training time set aside to stop by. */
const STOP_SHARE = 0.15;
/** Stretches with an onset that the rows set aside must hold. */
const MIN_STOP_ONSETS = 15;
/** Up to this many rows the rows set aside are too dear to lose. */
const FEW_ROWS = 20_000;

/** Whether there are rows enough for a search, for boosted trees and for inputs that only many rows can tell apart. */
export function hasManyRows(chosen: Int32Array): boolean {
  return chosen.length > FEW_ROWS;
}

/** @param chosen rows to fit on, in the order of time @param spanMs stretch of rows that share an outcome; also the gap left before the
 *  rows set aside @param epochs at most; chosen when undefined */
export function planFit(rows: TrainingRows, chosen: Int32Array, spanMs: number, epochs: number | undefined): FitPlan {
  const n = chosen.length;
  const small = !hasManyRows(chosen);
  const settings: FitPlan["settings"] = {
    hidden: small ? 16 : 32,
    epochs: epochs ?? (small ? 60 : 10),
    patience: small ? 8 : 4,
    batchSize: Math.min(1024, Math.max(64, 2 ** Math.round(Math.log2(Math.max(1, n / 16))))),
    learningRate: 0.004,
    dropout: 0.1,
    // Chosen on made-up fleets of 8 services and 300 windows (mean log loss over 6 of them); weaker ones overfit there, and on the
    // public outage records the rows are so many that these do not bind.
    penalty: { shared: 20, deviation: 20, hidden: 20, out: 40, classes: 20 },
  };
  const times = Float64Array.from(chosen, (row) => rows.atMs[row]!).sort();
  const fromMs = times[Math.floor((1 - STOP_SHARE) * (n - 1))] ?? Number.NaN;
  const stop = chosen.filter((row) => rows.atMs[row]! >= fromMs);
  const fit = chosen.filter((row) => rows.atMs[row]! < fromMs - spanMs);
  const onsets = onsetStretches(rows, stop, spanMs);
  if (onsets < MIN_STOP_ONSETS || onsetStretches(rows, fit, spanMs) < 2 * MIN_STOP_ONSETS) {
    // Without rows to stop by, the priors and fewer epochs have to do.
    return {
      settings: { ...settings, epochs: epochs ?? Math.min(settings.epochs, 25) },
      fit: chosen,
      stop: null,
      refit: false,
    };
  }
  return { settings, fit, stop, refit: small };
}

function onsetStretches(rows: TrainingRows, subset: Int32Array, spanMs: number): number {
  const before = subset.filter((row) => !Number.isNaN(rows.windowsToOnset[row]!));
  return new Set(clusterRows(rows, before, spanMs)).size;
}
