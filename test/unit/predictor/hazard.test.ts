import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HAZARD_EDGES } from "../../../models/predictor/edges.ts";
import {
  cumulativeHazard,
  identityCalibration,
  logit,
  logOddsOfHazard,
  logOddsWithin,
  probabilityWithin,
} from "../../../models/predictor/hazard.ts";
import { bucketTarget } from "../../../models/predictor/targets.ts";

const edges = HAZARD_EDGES;
const logits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), {
  minLength: edges.length,
  maxLength: edges.length,
});
const calibration = fc.record({
  slope: fc.array(fc.double({ min: 0.05, max: 5, noNaN: true }), { minLength: edges.length, maxLength: edges.length }),
  bias: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: edges.length, maxLength: edges.length }),
});
const horizon = fc.double({ min: 0, max: 200, noNaN: true });
const noCalibration = identityCalibration(edges.length);

describe("probability of an onset within a horizon", () => {
  it("is one minus the product of survivals, by hand", () => {
    const half = new Array(edges.length).fill(0);
    expect(probabilityWithin(half, edges, 1, noCalibration)).toBeCloseTo(0.5, 12);
    expect(probabilityWithin(half, edges, 3, noCalibration)).toBeCloseTo(1 - 0.5 ** 3, 12);
  });

  it("goes on at constant hazard inside a bucket and beyond the last", () => {
    const half = new Array(edges.length).fill(0);
    // (4, 6] is the fifth bucket: window 5 is its first half.
    expect(probabilityWithin(half, edges, 5, noCalibration)).toBeCloseTo(1 - 0.5 ** 4.5, 12);
    const last = edges.at(-1)! - edges.at(-2)!;
    const beyond = cumulativeHazard(half, edges, edges.at(-1)! + last, noCalibration);
    expect(beyond).toBeCloseTo((edges.length + 1) * Math.log(2), 9);
  });

  it("never falls as the horizon grows, and stays in [0, 1]", () => {
    fc.assert(
      fc.property(logits, calibration, horizon, horizon, (row, fitted, a, b) => {
        const near = probabilityWithin(row, edges, Math.min(a, b), fitted);
        const far = probabilityWithin(row, edges, Math.max(a, b), fitted);
        expect(near).toBeGreaterThanOrEqual(0);
        expect(far).toBeLessThanOrEqual(1);
        expect(far).toBeGreaterThanOrEqual(near);
      }),
    );
  });

  it("keeps the order of rows under any calibration", () => {
    fc.assert(
      fc.property(logits, calibration, fc.double({ min: 0, max: 3, noNaN: true }), (row, fitted, lift) => {
        const higher = row.map((value) => value + lift);
        expect(cumulativeHazard(higher, edges, 15, fitted)).toBeGreaterThanOrEqual(
          cumulativeHazard(row, edges, 15, fitted),
        );
      }),
    );
  });

  it("has log-odds that agree with the probability and stay finite at the ends", () => {
    expect(logOddsOfHazard(-Math.log(0.7))).toBeCloseTo(logit(0.3), 12);
    expect(logOddsOfHazard(1e-30)).toBeCloseTo(Math.log(1e-30), 9);
    expect(logOddsOfHazard(5000)).toBe(5000);
  });
});

describe("cutting a label into buckets", () => {
  it("puts the onset into the bucket that holds it, with all before it at risk", () => {
    expect(bucketTarget(1, 100, edges)).toEqual({ bucket: 0, atRisk: 1 });
    expect(bucketTarget(5, 100, edges)).toEqual({ bucket: 4, atRisk: 5 });
  });

  it("leaves out the bucket inside which observation ends", () => {
    expect(bucketTarget(Number.NaN, 5, edges)).toEqual({ bucket: -1, atRisk: 4 });
    expect(bucketTarget(Number.NaN, 0, edges)).toEqual({ bucket: -1, atRisk: 0 });
  });

  it("knows no onset beyond the last edge", () => {
    expect(bucketTarget(61, 100, edges)).toEqual({ bucket: -1, atRisk: edges.length });
  });
});

describe("the log-odds of one row of many", () => {
  it("are those of the cumulative hazard, for any logits and any horizon", () => {
    const edges = [1, 3, 8, 20];
    const logits = fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(logits, fc.double({ min: 0.01, max: 40, noNaN: true }), (row, horizon) => {
        const calibration = { slope: [0.7, 1.2, 1, 0.4], bias: [0.1, -0.2, 0, 0.4] };
        const many = Float64Array.from([9, 9, 9, 9, ...row]);
        const slow = logOddsOfHazard(cumulativeHazard(row, edges, horizon, calibration));
        expect(logOddsWithin(many, 4, edges, horizon, calibration)).toBeCloseTo(slow, 8);
      }),
    );
  });

  it("survive hazards whose odds are beyond the largest number", () => {
    const calibration = { slope: [1, 1], bias: [0, 0] };
    expect(logOddsWithin(Float64Array.of(800, 900), 0, [1, 2], 2, calibration)).toBeCloseTo(1700, 6);
  });
});
