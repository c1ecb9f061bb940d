/** Rows as wide as real ones, with a signal: the first features move before an onset. */
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import type { TrainingRows } from "../../training/fit/training-rows.ts";
import { createRandom } from "../../training/random.ts";

const MINUTE = 60_000;

/** @param n rows over 50 services, one a minute, 5 % of them before an onset; split 70 / 15 / 15 by time */
export function syntheticRows(n: number, seed: number): TrainingRows {
  const random = createRandom(seed);
  const width = FEATURE_SPEC.features.length;
  const services = 50;
  const vectors = new Float32Array(n * width);
  const windowsToOnset = new Float32Array(n).fill(Number.NaN);
  for (let row = 0; row < n; row += 1) {
    const before = random.uniform() < 0.05;
    if (before) windowsToOnset[row] = 1 + Math.floor(random.uniform() * 12);
    for (let column = 0; column < width; column += 1) {
      vectors[row * width + column] = random.normal() + (before && column < 8 ? 1 : 0);
    }
  }
  const rows = Int32Array.from({ length: n }, (_, row) => row);
  return {
    vectors,
    atMs: Float64Array.from(rows, (row) => Math.floor(row / services) * MINUTE),
    entity: Int32Array.from(rows, (row) => row % services),
    windowsToOnset,
    observedWindows: new Float32Array(n).fill(60),
    split: {
      train: rows.slice(0, Math.floor(0.7 * n)),
      calibration: rows.slice(Math.floor(0.7 * n), Math.floor(0.85 * n)),
      validation: rows.slice(Math.floor(0.85 * n)),
    },
  };
}
