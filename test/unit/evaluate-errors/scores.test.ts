import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanDifference } from "../../../training/evaluate-errors/compare-voices.ts";
import { riskCoverage } from "../../../training/evaluate-errors/risk-coverage.ts";
import { createRandom } from "../../../training/random.ts";

const answered = (...pairs: [number, boolean][]) => pairs.map(([confidence, correct]) => ({ confidence, correct }));

describe("risk and coverage", () => {
  it("takes the sure answers first", () => {
    const { curve, area } = riskCoverage(answered([0.2, false], [0.9, true], [0.8, true], [0.4, true]));
    expect(curve.at(-1)).toEqual({ coverage: 1, accuracy: 0.75, confidence: 0.2 });
    expect(curve.find(({ coverage }) => coverage === 0.75)?.accuracy).toBe(1);
    expect(area).toBeCloseTo(0.25 / 4, 9);
  });

  it("is as good as can be when every wrong answer is less sure than every right one, and never better", () => {
    const perfect = riskCoverage(answered([0.9, true], [0.8, true], [0.1, false]));
    expect(perfect.area).toBeCloseTo(perfect.leastArea, 9);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0.1, 0.5, 0.9), fc.boolean()), { minLength: 1, maxLength: 30 }),
        (pairs) => {
          const { area, leastArea } = riskCoverage(answered(...pairs));
          expect(area).toBeGreaterThanOrEqual(leastArea - 1e-9);
        },
      ),
    );
  });

  it("does not depend on the order of answers that are equally sure", () => {
    const pairs: [number, boolean][] = [
      [0.5, true],
      [0.5, false],
      [0.5, true],
    ];
    expect(riskCoverage(answered(...pairs)).area).toBeCloseTo(riskCoverage(answered(...pairs.reverse())).area, 12);
    expect(riskCoverage(answered(...pairs)).area).toBeCloseTo(1 / 3, 9);
  });
});

describe("the difference between two voices", () => {
  it("is wide when one family alone makes it, and narrow when all do", () => {
    const families = Array.from({ length: 100 }, (_, index) => `family ${Math.floor(index / 10)}`);
    const oneFamily = families.map((family) => (family === "family 0" ? 1 : 0));
    const wide = meanDifference(oneFamily, families, createRandom(1));
    expect(wide).toMatchObject({ mean: 0.1, low: 0 });
    expect(wide.high).toBeGreaterThan(0.2);
    const narrow = meanDifference(
      families.map(() => 0.1),
      families,
      createRandom(1),
    );
    expect(narrow.high - narrow.low).toBeCloseTo(0, 9);
  });
});
