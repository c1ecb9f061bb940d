/** How much of a calibration is kept: the share that is best when each half of the calibration slice's time is corrected by what the other half
 *  says. What is wrong with the model itself shows in both halves and is set right; what was only so for a while helps neither, and is left.
 *  A slice seen as a whole cannot tell the two apart, however many rows it has. */
import {
  type CalibrationRows,
  fitHazardCalibration,
  horizonLoss,
  shareOf,
} from "../../models/calibration/hazard-calibration.ts";
import { blocksOfTime } from "./clusters.ts";

const SHARES = [0, 0.25, 0.5, 0.75, 1] as const;

/** @param atMs shape [n]
 *  @returns share in [0, 1]; of equally good ones the smallest */
export function chooseCorrection(rows: CalibrationRows, atMs: ArrayLike<number>): number {
  const halves = blocksOfTime(atMs, 2).map((half) => rowsAt(rows, half));
  const losses = SHARES.map(() => 0);
  for (const [index, judge] of halves.entries()) {
    const correction = fitHazardCalibration(halves[1 - index]!); // the other one
    SHARES.forEach((share, place) => {
      losses[place] = losses[place]! + horizonLoss(judge, shareOf(correction, share));
    });
  }
  return SHARES[losses.indexOf(Math.min(...losses))]!;
}

function rowsAt({ logits, edges, windowsToOnset, observedWindows, weight }: CalibrationRows, rows: Int32Array) {
  const buckets = edges.length;
  const own = new Float64Array(rows.length * buckets);
  rows.forEach((row, index) => {
    for (let bucket = 0; bucket < buckets; bucket++) own[index * buckets + bucket] = logits[row * buckets + bucket]!;
  });
  return {
    logits: own,
    edges,
    windowsToOnset: Float64Array.from(rows, (row) => windowsToOnset[row]!),
    observedWindows: Float64Array.from(rows, (row) => observedWindows[row]!),
    ...(weight === undefined ? {} : { weight: Float64Array.from(rows, (row) => weight[row]!) }),
  };
}
