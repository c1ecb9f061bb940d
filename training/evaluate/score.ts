/** One model's numbers on one slice of rows. */
import { expectedCalibrationError } from "../../models/calibration/expected-calibration-error.ts";
import { type LeadRows, leadTimes } from "./lead-times.ts";
import {
  accuracy,
  auc,
  averagePrecision,
  baseRateBrier,
  bestF1Threshold,
  brier,
  f1At,
  shareOfPositives,
} from "./metrics.ts";

export interface ScoredSlice extends Omit<LeadRows, "probability"> {
  /** shape [n], 0 or 1 */
  outcome: ArrayLike<number>;
}

export interface Score {
  rows: number;
  positiveShare: number;
  auc: number;
  averagePrecision: number;
  brier: number;
  baseRateBrier: number;
  /** 1 - brier / baseRateBrier */
  brierSkill: number;
  calibrationError: number;
  /** at probability 0.5 */
  accuracy: number;
  /** at `threshold` */
  f1: number;
  /** best F1 on the validation rows */
  threshold: number;
  onsets: number;
  onsetsWarned: number;
  medianLeadMs: number;
}

/** @param probability shape [n], of the slice to score
 *  @param validation probabilities and outcomes that choose the alarm threshold; they may be the slice itself */
export function scoreSlice(
  slice: ScoredSlice,
  probability: ArrayLike<number>,
  validation: { probability: ArrayLike<number>; outcome: ArrayLike<number> },
  horizon: { windows: number; windowSizeMs: number },
): Score {
  const { outcome } = slice;
  const { threshold } = bestF1Threshold(validation.probability, validation.outcome);
  const lead = leadTimes({ ...slice, probability }, horizon.windows, threshold);
  const score = brier(probability, outcome);
  const base = baseRateBrier(outcome);
  return {
    rows: outcome.length,
    positiveShare: shareOfPositives(outcome),
    auc: auc(probability, outcome),
    averagePrecision: averagePrecision(probability, outcome),
    brier: score,
    baseRateBrier: base,
    brierSkill: 1 - score / base,
    calibrationError: expectedCalibrationError(probability, outcome),
    accuracy: accuracy(probability, outcome),
    f1: f1At(probability, outcome, threshold),
    threshold,
    onsets: lead.onsets,
    onsetsWarned: lead.warned,
    medianLeadMs: lead.medianWindows * horizon.windowSizeMs,
  };
}
