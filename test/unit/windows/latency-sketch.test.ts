import { LogCollapsingLowestDenseDDSketch } from "@datadog/sketches-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latencyQuantile } from "../../../models/windows/latency-quantile.ts";
import {
  decodeSketch,
  encodeSketch,
  type LatencySketch,
  latencyKey,
  mergeSketches,
  RELATIVE_ACCURACY,
  sketchQuantile,
} from "../../../models/windows/latency-sketch.ts";

const duration = fc.double({ min: 2 ** -10, max: 2 ** 32, noNaN: true });

function sketchOf(durations: readonly number[]): LatencySketch {
  return durations
    .map(
      (value): LatencySketch =>
        value === 0 ? { zeroCount: 1, keys: [], counts: [] } : { zeroCount: 0, keys: [latencyKey(value)], counts: [1] },
    )
    .reduce(mergeSketches, { zeroCount: 0, keys: [], counts: [] });
}

describe("latency sketch", () => {
  it("gives the quantiles of Datadog's DDSketch", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(duration, fc.constant(0)), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (durations, quantile) => {
          const reference = new LogCollapsingLowestDenseDDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
          for (const value of durations) reference.accept(value);
          const expected = reference.getValueAtQuantile(quantile);
          // A value on the very edge of a bin may be rounded into the neighbour: one bin is 2 %.
          expect(sketchQuantile(sketchOf(durations), quantile)! / (expected || 1)).toBeCloseTo(
            expected === 0 ? 0 : 1,
            1,
          );
        },
      ),
    );
  });

  it("is within its relative accuracy of the true quantile", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), fc.nat(1000), (durations, permille) => {
        const rank = Math.floor((permille / 1000) * (durations.length - 1));
        const truth = [...durations].sort((a, b) => a - b)[rank]!;
        const answer = sketchQuantile(sketchOf(durations), permille / 1000)!;
        expect(Math.abs(answer - truth) / truth).toBeLessThan(RELATIVE_ACCURACY + 1e-9);
      }),
    );
  });

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(duration, fc.constant(0)), { maxLength: 100 }), (durations) => {
        const sketch = sketchOf(durations);
        expect(decodeSketch(encodeSketch(sketch))).toEqual(sketch);
      }),
    );
  });

  it("writes the example of its description", () => {
    const text = "0;231*4,1,12*2";
    const sketch = { zeroCount: 0, keys: [231, 232, 244], counts: [4, 1, 2] };
    expect(encodeSketch(sketch)).toBe(text);
    expect(decodeSketch(text)).toEqual(sketch);
  });

  it.each(["", "0", "x", "0;1;2", "0;1*2*3", "CgkK"])("refuses %j", (text) => {
    expect(() => decodeSketch(text)).toThrow("not a latency sketch");
  });

  it("knows no quantile of nothing", () => {
    expect(latencyQuantile({ latencySketch: null }, 0.5)).toBeNull();
    expect(latencyQuantile({ latencySketch: "0;" }, 0.5)).toBeNull();
    expect(latencyQuantile({ latencySketch: "3;" }, 0.5)).toBe(0);
  });
});
