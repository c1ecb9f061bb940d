import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeProbability } from "../../../models/describe-probability.ts";
import { describeDuration } from "../../../models/predictor/describe-value.ts";
import { explain } from "../../../models/predictor/explain.ts";
import { manifestOf, SPEC, sessionOf } from "./fixtures.ts";

const value = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constant(Number.NaN));
const vectors = fc.array(value, { minLength: 5, maxLength: 5 }).map((values) => Float32Array.from(values));

/** Not linear, so that groups interact. */
const tangled = sessionOf((row, member) => Math.tanh(row[0]! * row[2]! + member) + row[1]! * row[3]! - row[4]!);

describe("explanations", () => {
  it("add up to the log-odds to 1e-6, and give untouched groups nothing", async () => {
    await fc.assert(
      fc.asyncProperty(vectors, async (vector) => {
        const result = await explain(tangled, manifestOf(), SPEC, vector, 7, 0.5);
        const sum = result.contributions.reduce((total, entry) => total + entry.logOdds, 0);
        expect(Math.abs(sum - (result.logOdds - result.baseLogOdds))).toBeLessThan(1e-6);
        // Traffic's only feature is not read by the model; the other groups have no features at all.
        for (const { group, logOdds, feature } of result.contributions) {
          if (["latency", "saturation", "fleet"].includes(group)) continue;
          expect([group, logOdds, feature]).toEqual([group, 0, null]);
        }
        expect(result.contributions).toHaveLength(12);
      }),
      { numRuns: 50 },
    );
  });

  it("say the same probability as the forecast would", async () => {
    const manifest = manifestOf({ calibration: { slope: [0.5], bias: [0.25] } });
    const result = await explain(
      sessionOf((row) => row[0]!),
      manifest,
      SPEC,
      Float32Array.of(1.5, 0, 0, 0, 0),
      10,
      0.5,
    );
    expect(result.logOdds).toBeCloseTo(1, 6);
  });

  it("are by hand in a linear model: each group its own weight", async () => {
    const linear = sessionOf((row) => row[0]! + 2 * row[2]! - row[3]!);
    const result = await explain(linear, manifestOf(), SPEC, Float32Array.of(1, 0, 1, 3, 0), 10, 0.5);
    const share = Object.fromEntries(result.contributions.map((entry) => [entry.group, entry.logOdds]));
    expect(share.latency).toBeCloseTo(1, 6);
    expect(share.saturation).toBeCloseTo(2, 6);
    expect(share.fleet).toBeCloseTo(-3, 6);
  });

  it("only ask for the coalitions of groups that moved", async () => {
    const session = sessionOf((row) => row[2]!);
    await explain(session, manifestOf(), SPEC, Float32Array.of(0, 0, 4, 0, 9), 10, 0.5);
    expect(session.runs).toEqual([2]);
  });

  it("show observed against expected, in units, and tell missing from zero", async () => {
    const manifest = manifestOf({ expected: [1, 0, 0.3, 0, 0] });
    const result = await explain(
      sessionOf((row) => row[0]! + row[4]!),
      manifest,
      SPEC,
      Float32Array.of(4, 0, 0.3, Number.NaN, 0),
      10,
      0.5,
    );
    const byGroup = new Map(result.contributions.map((entry) => [entry.group, entry.feature]));
    expect(byGroup.get("latency")).toMatchObject({ name: "f0", unit: "ms", observed: 4, expected: 1 });
    expect(byGroup.get("fleet")).toMatchObject({ name: "f3", observed: null, expected: 0 });
    expect(result.sentence).toContain("latency (fixture feature 0: 4 ms, expected 1 ms)");
    expect(result.sentence).toContain("fleet (fixture feature 3: unknown, expected 0)");
    expect(result.sentence).toMatch(/^\d+ % chance that a failure begins within 10 min, against \d+ %/);
  });

  it("find the smallest change that brings the risk below the threshold", async () => {
    const linear = sessionOf((row) => 3 * row[0]! + row[2]! + row[3]! - 2);
    const vector = Float32Array.of(1, 0, 1, 1, 0);
    const one = await explain(linear, manifestOf(), SPEC, vector, 10, 0.51);
    expect(one.counterfactual?.groups).toEqual(["latency"]);
    expect(one.sentence).toContain("With latency as expected it would be 50 %");
    const two = await explain(linear, manifestOf(), SPEC, vector, 10, 0.5);
    expect(two.counterfactual?.groups).toHaveLength(2);
    const calm = await explain(linear, manifestOf(), SPEC, Float32Array.of(0, 0, 0, 0, 0), 10, 0.5);
    expect(calm.counterfactual).toBeNull();
    const hopeless = await explain(linear, manifestOf(), SPEC, vector, 10, 0.01);
    expect(hopeless.counterfactual).toBeNull();
  });

  it("refuse a vector of another width", async () => {
    await expect(explain(tangled, manifestOf(), SPEC, Float32Array.of(1), 10, 0.5)).rejects.toThrow(RangeError);
  });
});

describe("words for values", () => {
  it("choose the unit by size", () => {
    expect([12, 1500, 5_400_000, 10_800_000, 864_000_000].map(describeDuration)).toEqual([
      "12 ms",
      "1.5 s",
      "90 min",
      "3 h",
      "10 d",
    ]);
    expect([0.4321, 0.0214, 0.00001, 0].map(describeProbability)).toEqual(["43 %", "2.1 %", "under 0.1 %", "0 %"]);
  });
});
