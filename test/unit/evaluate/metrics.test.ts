import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leadTimes } from "../../../training/evaluate/lead-times.ts";
import {
  accuracy,
  auc,
  averagePrecision,
  baseRateBrier,
  bestF1Threshold,
  brier,
  f1At,
  median,
} from "../../../training/evaluate/metrics.ts";
import { parseDuration } from "../../../training/evaluate/parse-duration.ts";

const rows = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 10 }).map((value) => value / 10),
    fc.constantFrom(0, 1),
  ),
  {
    minLength: 1,
    maxLength: 50,
  },
);

describe("AUC", () => {
  it("is the share of pairs in the right order, ties halved, by hand", () => {
    // Pairs: .8 beats .6 and .4; .6 ties .6 and beats .4: 3.5 of 4.
    expect(auc([0.8, 0.6, 0.6, 0.4], [1, 1, 0, 0])).toBe(3.5 / 4);
    expect(auc([0.5, 0.5, 0.5], [1, 0, 1])).toBe(0.5);
    expect(auc([0.1, 0.9], [1, 0])).toBe(0);
  });

  it("has no answer without both outcomes", () => {
    expect(auc([0.1, 0.2], [1, 1])).toBeNaN();
  });

  it("equals the count over all pairs", () => {
    fc.assert(
      fc.property(rows, (cases) => {
        let wins = 0;
        let pairs = 0;
        for (const [a, isPositive] of cases) {
          for (const [b, otherIsPositive] of cases) {
            if (isPositive !== 1 || otherIsPositive !== 0) continue;
            pairs++;
            wins += a > b ? 1 : a === b ? 0.5 : 0;
          }
        }
        const value = auc(
          cases.map(([score]) => score),
          cases.map(([, outcome]) => outcome),
        );
        if (pairs === 0) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(wins / pairs, 12);
      }),
    );
  });
});

describe("average precision", () => {
  it("averages precision over the positives, by hand", () => {
    // Positives at ranks 1 and 3: (1 + 2/3) / 2.
    expect(averagePrecision([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  it("takes tied scores together: all alike gives the base rate", () => {
    expect(averagePrecision([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0])).toBe(0.25);
  });
});

describe("Brier score", () => {
  it("is the mean squared error, beside that of the base rate", () => {
    expect(brier([0.8, 0.3], [1, 0])).toBeCloseTo((0.04 + 0.09) / 2, 12);
    expect(baseRateBrier([1, 0, 0, 0])).toBe(0.1875);
  });
});

describe("accuracy and F1", () => {
  it("count alarms at or above the threshold", () => {
    expect(accuracy([0.5, 0.49, 0.9, 0.1], [1, 1, 0, 0])).toBe(0.5);
    // One true alarm of two, one of two positives found.
    expect(f1At([0.5, 0.49, 0.9, 0.1], [1, 1, 0, 0], 0.5)).toBe(0.5);
    expect(f1At([0.1, 0.2], [1, 1], 0.5)).toBe(0);
  });

  it("find the best threshold among the scores", () => {
    expect(bestF1Threshold([0.9, 0.8, 0.7, 0.1], [1, 1, 0, 0])).toEqual({ threshold: 0.8, f1: 1 });
    expect(bestF1Threshold([0.9], [0]).threshold).toBeNaN();
  });

  it("agree: no score does better than the best threshold, and that threshold does as well as promised", () => {
    fc.assert(
      fc.property(rows, (cases) => {
        const scores = cases.map(([score]) => score);
        const outcomes = cases.map(([, outcome]) => outcome);
        const best = bestF1Threshold(scores, outcomes);
        if (!Number.isNaN(best.threshold)) expect(f1At(scores, outcomes, best.threshold)).toBeCloseTo(best.f1, 12);
        for (const score of scores) expect(f1At(scores, outcomes, score)).toBeLessThanOrEqual(best.f1 + 1e-12);
      }),
    );
  });
});

describe("lead times", () => {
  const onsetAt10 = { series: [0, 0, 0, 0], window: [4, 6, 8, 9], windowsToOnset: [6, 4, 2, 1] };

  it("count whole windows from the first alarm within the horizon to the onset", () => {
    // Horizon 4: the row at window 4 is too early to count; the first alarm is at window 6, three windows before window 10.
    expect(leadTimes({ ...onsetAt10, probability: [0.9, 0.9, 0.1, 0.9] }, 4, 0.5)).toEqual({
      onsets: 1,
      warned: 1,
      medianWindows: 3,
    });
  });

  it("know no alarm when no threshold could be chosen", () => {
    expect(leadTimes({ ...onsetAt10, probability: [1, 1, 1, 1] }, 4, Number.NaN)).toMatchObject({
      onsets: 1,
      warned: 0,
    });
  });

  it("tell an onset nobody warned of", () => {
    expect(leadTimes({ ...onsetAt10, probability: [0, 0, 0, 0] }, 4, 0.5)).toEqual({
      onsets: 1,
      warned: 0,
      medianWindows: Number.NaN,
    });
  });
});

it("the median of an even number is the mean of the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

it("durations are read as the configuration writes them", () => {
  expect([parseDuration("60m"), parseDuration("6h"), parseDuration("500ms")]).toEqual([3_600_000, 21_600_000, 500]);
  expect(() => parseDuration("an hour")).toThrow(RangeError);
});
