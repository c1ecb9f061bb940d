/** How to fit, from how much there is: batches grow with the rows, and settings are searched for where later rows hold enough onsets to
 *  judge by. */

import { clusterRows } from "./clusters.ts";
import type { HazardOptions } from "./fit-hazard.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface FitPlan {
  settings: Omit<HazardOptions, "width" | "buckets" | "classes" | "members" | "seed" | "onEpoch">;
  /** what settings are searched for with; null when the rows set aside hold too few onsets to tell anything */
  search: {
    /** rows to fit on meanwhile */
    fit: Int32Array;
    /** later rows to judge by */
    judge: Int32Array;
  } | null;
}

/** Share of the training time set aside to judge settings by. */
const JUDGE_SHARE = 0.15;
/** Stretches with an onset that the rows set aside must hold; the others, twice as many. */
const MIN_JUDGE_ONSETS = 15;
const EPOCHS = 10;

/** @param chosen rows to fit on, in the order of time @param spanMs stretch of rows that share an outcome; also the gap left before the
 *  rows set aside */
export function planFit(rows: TrainingRows, chosen: Int32Array, spanMs: number, epochs = EPOCHS): FitPlan {
  const n = chosen.length;
  const settings: FitPlan["settings"] = {
    hidden: 32,
    epochs,
    batchSize: Math.min(1024, Math.max(64, 2 ** Math.round(Math.log2(Math.max(1, n / 16))))),
    learningRate: 0.004,
    dropout: 0.1,
    // Chosen on made-up fleets of 8 services and 300 windows (mean log loss over 6 of them); weaker ones overfit there, and on the
    // public outage records the rows are so many that these do not bind.
    penalty: { shared: 20, deviation: 20, hidden: 20, out: 40, classes: 20 },
  };
  const times = Float64Array.from(chosen, (row) => rows.atMs[row]!).sort();
  const fromMs = times[Math.floor((1 - JUDGE_SHARE) * (n - 1))] ?? Number.NaN;
  const judge = chosen.filter((row) => rows.atMs[row]! >= fromMs);
  const fit = chosen.filter((row) => rows.atMs[row]! < fromMs - spanMs);
  const canJudge =
    onsetStretches(rows, judge, spanMs) >= MIN_JUDGE_ONSETS &&
    onsetStretches(rows, fit, spanMs) >= 2 * MIN_JUDGE_ONSETS;
  return { settings, search: canJudge ? { fit, judge } : null };
}

function onsetStretches(rows: TrainingRows, subset: Int32Array, spanMs: number): number {
  const before = subset.filter((row) => !Number.isNaN(rows.windowsToOnset[row]!));
  return new Set(clusterRows(rows, before, spanMs)).size;
}
