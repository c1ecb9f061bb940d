import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FeatureSpec } from "../../../models/features/feature-spec.ts";
import { encodeVector, encodeVectors } from "../../../models/predictor/encode.ts";
import { expectedValues } from "../../../training/fit/expected-values.ts";
import { fitScaler } from "../../../training/fit/fit-scaler.ts";

const missing = Number.NaN;

describe("encoding vectors", () => {
  it("standardises by what training showed", () => {
    const scaler = fitScaler(Float32Array.of(1, 3, 5, 7), 1);
    expect(scaler.width).toBe(1);
    const encoded = encodeVectors(Float32Array.of(4, 4 + Math.sqrt(5)), scaler);
    expect(encoded[0]).toBeCloseTo(0, 6);
    expect(encoded[1]).toBeCloseTo(1, 6);
  });

  it("turns missing into 0 beside a mask of 1, never into a value", () => {
    const scaler = fitScaler(Float32Array.of(1, missing, 5, missing), 1);
    expect(scaler.width).toBe(2);
    expect([...encodeVector(Float32Array.of(missing), scaler)]).toEqual([0, 1]);
    expect(encodeVector(Float32Array.of(5), scaler)[1]).toBe(0);
  });

  it("leaves out what never varied, and keeps a constant that is sometimes missing as its mask", () => {
    const scaler = fitScaler(Float32Array.of(7, 7, missing, 7, missing, missing, 7, 7, missing), 3);
    expect(scaler.features.map((feature) => feature.feature)).toEqual([1]);
    expect([...encodeVector(Float32Array.of(7, 7, 1e9), scaler)]).toEqual([0, 0]);
    // A value that the constant never had gets no say: nothing was learned about it.
    expect([...encodeVector(Float32Array.of(8, 8, 8), scaler)]).toEqual([0, 0]);
    expect([...encodeVector(Float32Array.of(8, missing, 8), scaler)]).toEqual([0, 1]);
  });

  it("compresses heavy tails and cuts off what training never came near", () => {
    const tail = Float32Array.from({ length: 100 }, (_, index) => (index < 90 ? 1 + index / 90 : 1000 * index));
    const scaler = fitScaler(tail, 1);
    expect(scaler.features[0]!.transform).toBe("log");
    expect(encodeVector(Float32Array.of(1e30), scaler)[0]).toBeLessThanOrEqual(6);
    expect(encodeVector(Float32Array.of(-1e30), scaler)[0]).toBeGreaterThanOrEqual(-6);
  });

  it("keeps the order of values and stays finite for any number", () => {
    const column = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(column, fc.float({ noNaN: true }), fc.float({ noNaN: true }), (values, a, b) => {
        const scaler = fitScaler(Float32Array.from(values), 1);
        if (scaler.width === 0) return;
        const low = encodeVector(Float32Array.of(Math.min(a, b)), scaler)[0]!;
        const high = encodeVector(Float32Array.of(Math.max(a, b)), scaler)[0]!;
        expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
        expect(high).toBeGreaterThanOrEqual(low);
      }),
    );
  });

  it("learns from the given rows only", () => {
    const scaler = fitScaler(Float32Array.of(1, 3, 1e6), 1, Int32Array.of(0, 1));
    expect(scaler.features[0]).toMatchObject({ transform: "linear", mean: 2, deviation: 1 });
  });
});

describe("what is expected of a feature", () => {
  const spec: FeatureSpec = {
    hash: "",
    features: ["a", "b"].map((name) => ({ name, unit: "1", group: "latency" as const, description: "" })),
  };

  it("is the median where known, and missing where it mostly is", () => {
    expect(expectedValues(Float32Array.of(1, missing, 9, missing, 2, 5), spec)).toEqual([2, null]);
  });
});
