/** Whether the intervals that a predictor states hold on rows that it never saw. */
import { type IntervalCoverage, intervalCoverage } from "../../models/calibration/interval-coverage.ts";
import { INTERVAL_Z, predict } from "../../models/predictor/predict.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { clusterRows } from "../fit/clusters.ts";
import type { FittedPredictor } from "../fit/fit-predictor.ts";

export interface HeldOutRows {
  /** shape [rows of the study, features] */
  vectors: Float32Array;
  atMs: Float64Array;
  entity: Int32Array;
  /** shape [rows of the study], 0 or 1 */
  positive: ArrayLike<number>;
  /** the rows to check */
  rows: Int32Array;
}

const RUN_ROWS = 4096;

/** @returns null when the rows hold too few events to say */
export async function checkIntervals(
  { manifest, onnx }: Pick<FittedPredictor, "manifest" | "onnx">,
  heldOut: HeldOutRows,
  horizonWindows: number,
): Promise<IntervalCoverage | null> {
  const { rows, vectors } = heldOut;
  const width = manifest.scaler.featureCount;
  const stated = {
    probability: new Float64Array(rows.length),
    lower: new Float64Array(rows.length),
    upper: new Float64Array(rows.length),
  };
  const session = await createSession(onnx);
  try {
    for (let from = 0; from < rows.length; from += RUN_ROWS) {
      const part = Array.from(rows.subarray(from, from + RUN_ROWS), (row) =>
        vectors.subarray(row * width, (row + 1) * width),
      );
      const forecasts = await predict(session, manifest, part, [horizonWindows]);
      forecasts.forEach(({ horizons }, index) => {
        const [{ probability, lower, upper }] = horizons as [(typeof horizons)[number]]; // one was asked for
        stated.probability[from + index] = probability;
        stated.lower[from + index] = lower;
        stated.upper[from + index] = upper;
      });
    }
  } finally {
    await session.release();
  }
  const outcome = Uint8Array.from(rows, (row) => heldOut.positive[row]!);
  const cluster = clusterRows(heldOut, rows, horizonWindows * manifest.windowSizeMs);
  return intervalCoverage({ ...stated, outcome, cluster }, INTERVAL_Z);
}
