/** Scores a fitted predictor on the validation slice, beside the two plain models that it must be worth more than: a logistic
 *  regression on the same inputs and the base rate. */
import { expectedCalibrationError } from "../models/calibration/expected-calibration-error.ts";
import { logLoss } from "../models/calibration/log-loss.ts";
import { encodeInto } from "../models/predictor/encode.ts";
import { probabilityWithin } from "../models/predictor/hazard.ts";
import type { PredictorManifest } from "../models/predictor/manifest.ts";
import { accuracy, auc, averagePrecision, baseRateBrier, brier, shareOfPositives } from "./evaluate/metrics.ts";
import { clusterRows } from "./fit/clusters.ts";
import { fitLogistic, predictLogistic } from "./fit/fit-logistic.ts";
import { hazardLogits } from "./fit/hazard-logits.ts";
import { outcomeWithin } from "./fit/hazard-targets.ts";
import type { TrainingRows } from "./fit/training-rows.ts";
import { type CalibrationError, calibrationErrorBeyondChance, clusteredMean } from "./gate/calibration-error.ts";

/** Rows of one slice whose outcome at one horizon is known. */
export interface JudgedRows {
  rows: Int32Array;
  /** shape [rows.length], 0 or 1 */
  outcome: Float32Array;
  /** shape [rows.length]: equal numbers share an outcome */
  cluster: Int32Array;
}

export interface Scores {
  auc: number;
  averagePrecision: number;
  brier: number;
  /** 1 − Brier / Brier of the rows' own base rate */
  brierSkill: number;
  /** standard error of the skill; rows that share an outcome are one observation */
  brierSkillError: number;
  logLoss: number;
  accuracy: number;
  /** its `excess` is what the gate reads */
  calibrationError: CalibrationError;
  /** over equal-width bins, for comparison with other reports */
  expectedCalibrationError: number;
}

export function judgedRows(
  rows: TrainingRows,
  subset: Int32Array,
  horizonWindows: number,
  windowSizeMs: number,
): JudgedRows {
  const outcomeOf = (row: number): number =>
    outcomeWithin(rows.windowsToOnset[row]!, rows.observedWindows[row]!, horizonWindows);
  const known = subset.filter((row) => !Number.isNaN(outcomeOf(row)));
  return {
    rows: known,
    outcome: Float32Array.from(known, outcomeOf),
    cluster: clusterRows(rows, known, horizonWindows * windowSizeMs),
  };
}

/** @returns calibrated P(onset within the horizon), shape [judged.rows.length] */
export async function predictRows(
  model: { manifest: PredictorManifest; onnx: Uint8Array },
  rows: TrainingRows,
  judged: JudgedRows,
  horizonWindows: number,
): Promise<Float64Array> {
  const { manifest } = model;
  const buckets = manifest.edges.length;
  const logits = await hazardLogits(manifest, model.onnx, rows.vectors, judged.rows);
  return Float64Array.from(judged.rows, (_, index) =>
    probabilityWithin(
      logits.subarray(index * buckets, (index + 1) * buckets),
      manifest.edges,
      horizonWindows,
      manifest.calibration,
    ),
  );
}

/** The logistic regression's answers for `judged`, fitted on the training slice at the same horizon with the same inputs. */
export function predictByLogistic(
  { scaler }: Pick<PredictorManifest, "scaler">,
  rows: TrainingRows,
  training: JudgedRows,
  judged: JudgedRows,
): Float64Array {
  const encode = (subset: Int32Array): Float32Array => {
    const x = new Float32Array(subset.length * scaler.width);
    subset.forEach((row, index) => {
      encodeInto(rows.vectors, row * scaler.featureCount, scaler, x, index * scaler.width);
    });
    return x;
  };
  // The prior counts in independent observations, of which rows of one stretch are one together.
  const duplication = training.rows.length / Math.max(1, new Set(training.cluster).size);
  const model = fitLogistic({ x: encode(training.rows), width: scaler.width, outcome: training.outcome }, duplication);
  return predictLogistic(model, encode(judged.rows));
}

export function scorePredictions(probability: ArrayLike<number>, { outcome, cluster }: JudgedRows): Scores {
  const n = outcome.length;
  let totalLogLoss = 0;
  for (let row = 0; row < n; row += 1) totalLogLoss += logLoss(probability[row]!, outcome[row]!);
  const score = brier(probability, outcome);
  const baseBrier = baseRateBrier(outcome);
  const rate = shareOfPositives(outcome);
  const gains = Array.from(outcome, (seen, row) => ({
    cluster: cluster[row]!,
    value: (rate - seen) ** 2 - (probability[row]! - seen) ** 2,
  }));
  return {
    auc: auc(probability, outcome),
    averagePrecision: averagePrecision(probability, outcome),
    brier: score,
    brierSkill: 1 - score / baseBrier,
    brierSkillError: Math.sqrt(clusteredMean(gains).variance) / baseBrier,
    logLoss: totalLogLoss / n,
    accuracy: accuracy(probability, outcome),
    calibrationError: calibrationErrorBeyondChance({ probability, outcome, cluster }),
    expectedCalibrationError: expectedCalibrationError(probability, outcome),
  };
}

/** Always answering the commonest outcome, beside the model. */
export interface MajorityComparison {
  accuracy: number;
  /** standard error of the model's accuracy less this one; rows that share an outcome are one observation */
  differenceError: number;
}

export function compareWithMajority(
  probability: ArrayLike<number>,
  { outcome, cluster }: JudgedRows,
): MajorityComparison {
  const share = shareOfPositives(outcome);
  const commonest = share > 0.5 ? 1 : 0;
  const differences = Array.from(outcome, (seen, row) => ({
    cluster: cluster[row]!,
    value: Number(probability[row]! >= 0.5 === (seen === 1)) - Number(seen === commonest),
  }));
  return { accuracy: Math.max(share, 1 - share), differenceError: Math.sqrt(clusteredMean(differences).variance) };
}
