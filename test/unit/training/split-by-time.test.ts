import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Examples } from "../../../training/dataset/build-examples.ts";
import { splitByTime } from "../../../training/dataset/split-by-time.ts";

const SIZE_MS = 1000;

function examplesOf(windowsToOnset: number[]): Examples {
  const n = windowsToOnset.length;
  return {
    vectors: new Float32Array(n),
    atMs: Float64Array.from({ length: n }, (_, row) => row * SIZE_MS),
    entity: new Int32Array(n),
    windowsToOnset: Float32Array.from(windowsToOnset),
    observedWindows: Float32Array.from({ length: n }, (_, row) => n - row),
    onsetMs: new Float64Array(n),
    classes: new Float32Array(n * 14),
  };
}

describe("the split by time", () => {
  it("leaves a gap of the horizon before each cut", () => {
    const { rows, cuts, gapRows } = splitByTime(examplesOf(new Array(100).fill(Number.NaN)), {
      gapMs: 10 * SIZE_MS,
      windowSizeMs: SIZE_MS,
    });
    expect(cuts).toEqual({ calibrationMs: 45_000, validationMs: 70_000 });
    expect(Math.max(...rows.split.train)).toBe(35);
    expect([Math.min(...rows.split.calibration), Math.max(...rows.split.calibration)]).toEqual([45, 60]);
    expect([Math.min(...rows.split.validation), Math.max(...rows.split.validation)]).toEqual([70, 99]);
    expect(gapRows).toBe(18);
  });

  it("learns from more of a history that has failures enough to calibrate on and to judge by", () => {
    const sharesOf = (onsets: number) => {
      const examples = examplesOf(Array.from({ length: 4_000 }, (_, row) => (row < onsets ? 1 : Number.NaN)));
      const { calibrationMs, validationMs } = splitByTime(examples, { gapMs: 0, windowSizeMs: SIZE_MS }).cuts;
      return [calibrationMs / (4_000 * SIZE_MS), validationMs / (4_000 * SIZE_MS)];
    };
    expect(sharesOf(1_000)).toEqual([0.45, 0.7]);
    expect(sharesOf(2_000)).toEqual([0.7, 0.85]);
    expect(sharesOf(4_000)).toEqual([0.8, 0.9]);
  });

  it("never lets a label of an earlier slice reach into a later one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 30 }),
        (onsets, gapWindows) => {
          const given = examplesOf(onsets);
          const { rows, cuts } = splitByTime(given, { gapMs: gapWindows * SIZE_MS, windowSizeMs: SIZE_MS });
          const check = (subset: Int32Array, endMs: number) => {
            for (const row of subset) {
              const reach = Number.isNaN(rows.windowsToOnset[row]!)
                ? rows.observedWindows[row]!
                : rows.windowsToOnset[row]!;
              expect(rows.atMs[row]! + reach * SIZE_MS).toBeLessThanOrEqual(endMs);
              expect(rows.atMs[row]! + gapWindows * SIZE_MS).toBeLessThanOrEqual(endMs);
            }
          };
          check(rows.split.train, cuts.calibrationMs);
          check(rows.split.calibration, cuts.validationMs);
          for (const row of rows.split.validation) expect(rows.windowsToOnset[row]).toEqual(given.windowsToOnset[row]);
        },
      ),
    );
  });

  it("gives empty slices for no examples", () => {
    const { rows } = splitByTime(examplesOf([]), { gapMs: SIZE_MS, windowSizeMs: SIZE_MS });
    expect([rows.split.train.length, rows.split.calibration.length, rows.split.validation.length]).toEqual([0, 0, 0]);
  });
});
