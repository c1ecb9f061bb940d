import { describe, expect, it } from "vitest";
import { encodeVectors } from "../../../models/predictor/encode.ts";
import { fitScaler } from "../../../training/fit/fit-scaler.ts";
import { screenFeatures } from "../../../training/fit/screen-features.ts";
import type { TrainingRows } from "../../../training/fit/training-rows.ts";
import { createRandom } from "../../../training/random.ts";

/** columns: a signal, a clock, a signal that is sometimes missing, a level that jumps after training */
function rows(): TrainingRows {
  const random = createRandom(3);
  const n = 200;
  const vectors = new Float32Array(n * 4);
  for (let row = 0; row < n; row += 1) {
    const missing = random.uniform() < 0.2;
    vectors.set(
      [random.normal(), row, missing ? Number.NaN : random.normal(), row < 120 ? random.normal() : 50],
      row * 4,
    );
  }
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, index) => from + index);
  return {
    vectors,
    atMs: Float64Array.from({ length: n }, (_, row) => row * 1000),
    entity: new Int32Array(n),
    windowsToOnset: new Float32Array(n),
    observedWindows: new Float32Array(n),
    split: { train: range(0, 120), calibration: range(120, 160), validation: range(160, 200) },
  };
}

describe("the screening of features", () => {
  it("leaves out clocks and what has gone elsewhere, and keeps the columns of the rest in order", () => {
    const data = rows();
    const { scaler, dropped } = screenFeatures(fitScaler(data.vectors, 4, data.split.train), data, 1);
    expect(dropped).toEqual([1, 3]);
    expect(scaler.features.map((scaling) => scaling.feature)).toEqual([0, 2]);
    expect(scaler.features.map((scaling) => scaling.maskColumn)).toEqual([null, 2]);
    expect(scaler.width).toBe(3);
    expect(encodeVectors(Float32Array.of(0, 0, Number.NaN, 0), scaler)[2]).toBe(1);
  });

  it("is stricter while the history is short: a level that moved goes, and stays once there are enough windows", () => {
    const data = rows();
    for (let row = 120; row < 200; row += 1) data.vectors[row * 4 + 3] = 1 + (row % 5) / 5;
    const scaler = fitScaler(data.vectors, 4, data.split.train);
    expect(screenFeatures(scaler, data, 1_000).dropped).toEqual([1, 3]);
    expect(screenFeatures(scaler, data, 1).dropped).toEqual([1]);
  });
});
