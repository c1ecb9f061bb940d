/** A study's rows as the fit and the scores want them, and the fitted model's answers on them. */
import { type OutageStudy, SPLITS } from "../../datasets/outages/outage-study.ts";
import { probabilityWithin } from "../../models/predictor/hazard.ts";
import type { FittedPredictor } from "../fit/fit-predictor.ts";
import { hazardLogits } from "../fit/hazard-logits.ts";
import type { TrainingRows } from "../fit/training-rows.ts";
import type { ReplayedRows } from "./outage-vectors.ts";
import type { ScoredSlice } from "./score.ts";

export type RowsBySplit = Record<"train" | "validation" | "test", Int32Array>;

/** @throws RangeError when a slice has no rows */
export function splitRows({ rows }: OutageStudy): RowsBySplit {
  const rowsIn = (split: (typeof SPLITS)[number]) => {
    const code = SPLITS.indexOf(split);
    return Int32Array.from(rows.split.keys()).filter((row) => rows.split[row] === code);
  };
  const split = { train: rowsIn("train"), validation: rowsIn("validation"), test: rowsIn("test") };
  requireRows(split);
  return split;
}

function requireRows(rows: RowsBySplit): void {
  for (const [split, members] of Object.entries(rows)) {
    if (members.length === 0) throw new RangeError(`the file is too short: no ${split} rows at this horizon`);
  }
}

export function trainingRows({ rows }: OutageStudy, { vectors, atMs }: ReplayedRows, split: RowsBySplit): TrainingRows {
  return {
    vectors,
    atMs,
    entity: rows.series,
    windowsToOnset: rows.windowsToOnset,
    observedWindows: rows.observedWindows,
    split: { train: split.train, calibration: split.validation, validation: split.validation },
  };
}

/** @returns calibrated P(an outage starts within the study's horizon), shape [rows.length] */
export async function hazardProbabilities(
  study: OutageStudy,
  { vectors }: ReplayedRows,
  { manifest, onnx }: Pick<FittedPredictor, "manifest" | "onnx">,
  rows: Int32Array,
): Promise<Float64Array> {
  const logits = await hazardLogits(manifest, onnx, vectors, rows);
  const buckets = manifest.edges.length;
  return Float64Array.from(rows, (_, index) =>
    probabilityWithin(
      logits.subarray(index * buckets, (index + 1) * buckets),
      manifest.edges,
      study.horizonWindows,
      manifest.calibration,
    ),
  );
}

export function sliceOf({ rows }: OutageStudy, subset: Int32Array): ScoredSlice {
  return {
    series: Int32Array.from(subset, (row) => rows.series[row]!),
    window: Int32Array.from(subset, (row) => rows.window[row]!),
    windowsToOnset: Float32Array.from(subset, (row) => rows.windowsToOnset[row]!),
    outcome: Uint8Array.from(subset, (row) => rows.positive[row]!),
  };
}
