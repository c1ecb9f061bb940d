import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectedCalibrationError } from "../../../models/calibration/expected-calibration-error.ts";
import { fitHazardCalibration } from "../../../models/calibration/hazard-calibration.ts";
import { applyIsotonic, fitIsotonic } from "../../../models/calibration/isotonic.ts";
import { applyPlatt, fitPlatt } from "../../../models/calibration/platt.ts";
import { solveLinear } from "../../../models/calibration/solve-linear.ts";
import { sigmoid } from "../../../models/predictor/hazard.ts";

const outcomes = fc.array(fc.tuple(fc.double({ min: -4, max: 4, noNaN: true }), fc.constantFrom(0, 1)), {
  minLength: 1,
  maxLength: 60,
});

describe("expected calibration error", () => {
  it("is the share-weighted gap between forecast and outcome, by hand", () => {
    // Bin of 0.1: forecast 0.1, outcome 0.5 (gap 0.4, 2 rows). Bin of 0.9: forecast 0.9, outcome 1 (gap 0.1, 2 rows).
    expect(expectedCalibrationError([0.1, 0.1, 0.9, 0.9], [0, 1, 1, 1], 10)).toBeCloseTo(0.25, 12);
  });

  it("is not a number without rows", () => {
    expect(expectedCalibrationError([], [])).toBeNaN();
  });

  it("counts a forecast of exactly 1", () => {
    expect(expectedCalibrationError([1], [1])).toBe(0);
  });
});

describe("isotonic regression", () => {
  it("pools adjacent violators, by hand", () => {
    const map = fitIsotonic([1, 2, 3, 4], [0, 1, 0, 1]);
    expect(map).toEqual({ scores: [1, 2.5, 4], values: [0, 0.5, 1] });
    expect(applyIsotonic(map, 1.75)).toBeCloseTo(0.25, 12);
    expect([applyIsotonic(map, -9), applyIsotonic(map, 9)]).toEqual([0, 1]);
  });

  it("never decreases and keeps the mean", () => {
    fc.assert(
      fc.property(outcomes, (rows) => {
        const scores = rows.map(([score]) => score);
        const map = fitIsotonic(
          scores,
          rows.map(([, outcome]) => outcome),
        );
        for (let block = 1; block < map.values.length; block++) {
          expect(map.values[block]!).toBeGreaterThan(map.values[block - 1]!);
        }
        const [low, high] = [Math.min(...scores), Math.max(...scores)];
        expect(applyIsotonic(map, low)).toBeLessThanOrEqual(applyIsotonic(map, high));
      }),
    );
  });
});

describe("Platt scaling", () => {
  it("recovers the slope and intercept that made the outcomes", () => {
    const scores: number[] = [];
    const labels: number[] = [];
    for (let step = 0; step < 4000; step++) {
      const score = -3 + (6 * step) / 4000;
      scores.push(score);
      // Golden-ratio sequence: evenly spread thresholds in place of random draws.
      labels.push((step * 0.6180339887498949) % 1 < sigmoid(2 * score - 1) ? 1 : 0);
    }
    const map = fitPlatt(scores, labels);
    expect(map.slope).toBeCloseTo(2, 0);
    expect(map.intercept).toBeCloseTo(-1, 0);
  });

  it("stays inside (0, 1) and finite with one outcome only", () => {
    fc.assert(
      fc.property(outcomes, (rows) => {
        const scores = rows.map(([score]) => score);
        const map = fitPlatt(
          scores,
          rows.map(() => 0),
        );
        for (const score of scores) expect(applyPlatt(map, score)).toBeLessThan(1);
        expect(Number.isFinite(map.slope) && Number.isFinite(map.intercept)).toBe(true);
      }),
    );
  });
});

describe("hazard calibration", () => {
  const edges = [1, 2, 4];
  /** Rows whose logits are too hot by `shift`: outcomes come at hazard 0.1 in each bucket. */
  const rowsWithShift = (count: number, shift: number) => {
    const logits = new Float64Array(count * 3).fill(Math.log(0.1 / 0.9) + shift);
    const windowsToOnset = new Float64Array(count).fill(Number.NaN);
    for (let row = 0; row < count; row++) {
      const draw = (row * 0.6180339887498949) % 1;
      if (draw < 0.1) windowsToOnset[row] = 1;
      else if (draw < 0.19) windowsToOnset[row] = 2;
      else if (draw < 0.271) windowsToOnset[row] = 3;
    }
    return { logits, edges, windowsToOnset, observedWindows: new Float64Array(count).fill(10) };
  };

  it("brings hazards that are too hot back to what happened", () => {
    const rows = rowsWithShift(4000, 1.5);
    const { slope, bias } = fitHazardCalibration(rows);
    for (let bucket = 0; bucket < 3; bucket++) {
      expect(sigmoid(slope[bucket]! * rows.logits[bucket]! + bias[bucket]!)).toBeCloseTo(0.1, 2);
    }
  });

  it("moves the level alone when the slope is given", () => {
    const rows = rowsWithShift(4000, 1.5);
    const { slope, bias } = fitHazardCalibration(rows, [0.8, 0.8, 0.7]);
    expect(slope).toEqual([0.8, 0.8, 0.7]);
    for (let bucket = 0; bucket < 3; bucket++) {
      expect(sigmoid(slope[bucket]! * rows.logits[bucket]! + bias[bucket]!)).toBeCloseTo(0.1, 2);
    }
  });

  it("is the identity without any onset", () => {
    const rows = { ...rowsWithShift(100, 1), windowsToOnset: new Float64Array(100).fill(Number.NaN) };
    expect(fitHazardCalibration(rows)).toEqual({ slope: [1, 1, 1], bias: [0, 0, 0] });
  });

  it("moves the less, the less it has seen", () => {
    const movedBy = (count: number): number => {
      const rows = rowsWithShift(count, 1.5);
      const { slope, bias } = fitHazardCalibration(rows);
      return Math.abs(slope[0]! * rows.logits[0]! + bias[0]! - rows.logits[0]!);
    };
    const moves = [3, 10, 100, 4_000].map(movedBy);
    expect(moves).toEqual([...moves].sort((a, b) => a - b));
    expect(moves[0]).toBeLessThan(1.5 / 2);
    expect(moves[3]).toBeCloseTo(1.5, 1);
  });

  it("keeps its slope positive even when the logits are upside down", () => {
    const count = 400;
    const logits = Float64Array.from({ length: count * 3 }, (_, cell) => (Math.floor(cell / 3) % 2 === 0 ? 2 : -2));
    const windowsToOnset = Float64Array.from({ length: count }, (_, row) => (row % 2 === 0 ? Number.NaN : 1));
    const observedWindows = new Float64Array(count).fill(10);
    for (const value of fitHazardCalibration({ logits, edges, windowsToOnset, observedWindows }).slope) {
      expect(value).toBeGreaterThan(0);
    }
  });

  it("lets a network be sure of what is near although it knows nothing of what is far", () => {
    const count = 6_000;
    const far = [1, 2, 3, 60];
    const logits = new Float64Array(count * far.length);
    const windowsToOnset = new Float64Array(count).fill(Number.NaN);
    for (let row = 0; row < count; row += 1) {
      // every other row is told apart: near hazards half as sure as they may be, the far one made up
      const isRisky = row % 2 === 0;
      logits.set([isRisky ? -1 : -2, isRisky ? -1 : -2, isRisky ? -1 : -2, row % 4 < 2 ? 3 : -3], row * far.length);
      const draw = ((row * 7_919) % count) / count;
      if (draw < (isRisky ? 0.27 : 0.05)) windowsToOnset[row] = 1 + (row % 3);
      else if (draw > 0.6) windowsToOnset[row] = 30;
    }
    const observedWindows = new Float64Array(count).fill(60);
    const { slope } = fitHazardCalibration({ logits, edges: far, windowsToOnset, observedWindows });
    for (const near of slope.slice(0, 3)) expect(near).toBeGreaterThan(1.3);
    expect(slope[3]).toBeLessThan(0.3);
  });
});

describe("solving linear systems", () => {
  it("gives back the x from which the right side was made", () => {
    const vector = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(vector, fc.array(vector, { minLength: 3, maxLength: 3 }), (x, noise) => {
        // Made diagonally dominant, so that it always has a solution.
        const matrix = noise.map((row, i) => row.map((value, j) => (i === j ? 40 : value)));
        const right = matrix.map((row) => row.reduce((sum, value, j) => sum + value * x[j]!, 0));
        solveLinear(matrix, right).forEach((value, index) => {
          expect(value).toBeCloseTo(x[index]!, 9);
        });
      }),
    );
  });

  it("refuses a singular system", () => {
    expect(() =>
      solveLinear(
        [
          [1, 1],
          [1, 1],
        ],
        [1, 2],
      ),
    ).toThrow(RangeError);
  });
});
