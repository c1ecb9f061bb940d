/** Sets level, slope and width of intervals of an exported predictor on the calibration slice. */
import { fitHazardCalibration, shareOf } from "../../models/calibration/hazard-calibration.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { chooseCorrection } from "./choose-correction.ts";
import { clusterRows } from "./clusters.ts";
import { take } from "./encode-rows.ts";
import { type FittedUncertainty, fitUncertainty } from "./fit-uncertainty.ts";
import { hazardLogits, horizonLogOdds } from "./hazard-logits.ts";
import { outcomeWithin } from "./hazard-targets.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface CalibrationSlice {
  rows: TrainingRows;
  /** stretch of rows that share an outcome */
  spanMs: number;
  horizonWindows: number;
}

/** What was found out of sample about how sure answers may be. */
interface Correction {
  /** shape [buckets] */
  slope: readonly number[];
  /** of slope and level that is kept, in [0, 1] */
  share: number;
}

/** @param found given for a graph that has learned from the calibration slice: how sure it may be was found out of sample, by the graph
 *    that has not; the level is its own, because it knows how often failures came lately and a correction for that would count twice */
export async function calibrate(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  { rows, spanMs, horizonWindows }: CalibrationSlice,
  { drift, spreadScale }: FittedUncertainty,
  found?: Correction,
): Promise<{ manifest: PredictorManifest; correction: Correction }> {
  const subset = rows.split.calibration;
  const clusters = clusterRows(rows, subset, spanMs);
  const independent = new Set(clusters).size;
  const withOnset = new Set(clusters.filter((_, index) => rows.windowsToOnset[subset[index]!]! <= horizonWindows)).size;
  const calibrationRows = {
    logits: await hazardLogits(manifest, onnx, rows.vectors, subset),
    edges: manifest.edges,
    windowsToOnset: take(rows.windowsToOnset, subset),
    observedWindows: take(rows.observedWindows, subset),
    // Rows that share an outcome weigh together as one observation, which is the unit of the calibration's ridge.
    weight: new Float32Array(subset.length).fill(independent / Math.max(1, subset.length)),
  };
  const whole = fitHazardCalibration(calibrationRows, found?.slope);
  const share =
    found?.share ??
    chooseCorrection(
      calibrationRows,
      Float64Array.from(subset, (row) => rows.atMs[row]!),
    );
  // Standard error of log-odds estimated from this many stretches with and without an onset (half a one added to each).
  const standardError = Math.sqrt(1 / (withOnset + 0.5) + 1 / (independent - withOnset + 0.5));
  const uncertainty = { calibrationDeviation: Math.hypot(standardError, drift), spreadScale };
  return {
    manifest: { ...manifest, calibration: shareOf(whole, share), uncertainty },
    correction: { slope: whole.slope, share },
  };
}

/** @param onnx a graph that has not learned from the calibration slice */
export async function uncertaintyOf(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  { rows, spanMs, horizonWindows }: CalibrationSlice,
): Promise<FittedUncertainty> {
  const outcomeOf = (row: number): number =>
    outcomeWithin(rows.windowsToOnset[row]!, rows.observedWindows[row]!, horizonWindows);
  const known = rows.split.calibration.filter((row) => !Number.isNaN(outcomeOf(row)));
  const { score, spread } = await horizonLogOdds(manifest, onnx, rows.vectors, known, horizonWindows);
  return fitUncertainty({
    score,
    spread,
    outcome: Uint8Array.from(known, outcomeOf),
    atMs: Float64Array.from(known, (row) => rows.atMs[row]!),
    cluster: clusterRows(rows, known, spanMs),
  });
}
