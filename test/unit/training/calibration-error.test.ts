import { describe, expect, it } from "vitest";
import { calibrationErrorBeyondChance, clusteredMean } from "../../../training/gate/calibration-error.ts";
import { comparePredictions } from "../../../training/gate/paired-difference.ts";
import { createRandom } from "../../../training/random.ts";

/** @param shift added to the true probability before it is stated @param copies rows of each cluster, all with its outcome */
function sample(clusters: number, copies: number, shift: number) {
  const random = createRandom(5);
  const rows = Array.from({ length: clusters }, (_, cluster) => {
    const truth = 0.1 + 0.7 * random.uniform();
    const outcome = random.uniform() < truth ? 1 : 0;
    return Array.from({ length: copies }, () => ({ probability: Math.min(1, truth + shift), outcome, cluster }));
  }).flat();
  return {
    probability: rows.map((row) => row.probability),
    outcome: rows.map((row) => row.outcome),
    cluster: rows.map((row) => row.cluster),
  };
}

describe("calibration error beyond chance", () => {
  it("is small for a calibrated model, however few the independent observations", () => {
    const few = calibrationErrorBeyondChance(sample(60, 15, 0));
    expect(few.observed).toBeGreaterThan(0.05);
    expect(few.excess).toBeLessThan(0.05);
    expect(calibrationErrorBeyondChance(sample(20_000, 1, 0)).excess).toBeLessThan(0.01);
  });

  it("finds a shift of 0.15 where there is enough to see it", () => {
    expect(calibrationErrorBeyondChance(sample(5_000, 1, 0.15)).excess).toBeGreaterThan(0.1);
  });

  it("is hand-computed for two bins' worth of rows in one bin", () => {
    // residuals 0.5 and -0.3 in two clusters: mean 0.1, variance 2/1 · (0.4² + 0.4²) / 4 = 0.16
    const error = calibrationErrorBeyondChance({ probability: [0.5, 0.3], outcome: [1, 0], cluster: [0, 1] });
    expect(error.observed).toBeCloseTo(0.1, 12);
    expect(error.expectedByChance).toBeCloseTo(Math.sqrt((2 / Math.PI) * 0.16), 12);
    expect(error.excess).toBe(0);
  });

  it("is not a number without two independent observations", () => {
    expect(calibrationErrorBeyondChance({ probability: [], outcome: [], cluster: [] }).excess).toBeNaN();
    expect(
      calibrationErrorBeyondChance({ probability: [0.5, 0.5], outcome: [1, 0], cluster: [7, 7] }).excess,
    ).toBeNaN();
  });

  it("counts copies of an observation once", () => {
    const once = clusteredMean([
      { cluster: 1, value: 1 },
      { cluster: 2, value: 0 },
    ]);
    const thrice = clusteredMean([1, 1, 1, 2, 2, 2].map((cluster) => ({ cluster, value: cluster === 1 ? 1 : 0 })));
    expect(thrice.variance).toBeCloseTo(once.variance, 12);
  });
});

describe("the comparison with the champion", () => {
  it("is zero against itself and negative when the candidate is closer", () => {
    const [outcome, cluster] = [
      [1, 0, 1, 0],
      [1, 2, 3, 4],
    ];
    const close = [0.8, 0.2, 0.8, 0.2];
    const far = [0.6, 0.4, 0.6, 0.4];
    expect(comparePredictions(far, far, outcome, cluster).logLossDifference).toBe(0);
    const better = comparePredictions(close, far, outcome, cluster);
    expect(better.logLossDifference).toBeCloseTo(Math.log(0.6 / 0.8), 12);
    expect(better.brierDifference).toBeCloseTo(0.04 - 0.16, 12);
    expect(better.standardError).toBeCloseTo(0, 12);
  });
});
