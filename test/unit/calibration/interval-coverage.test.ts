import { describe, expect, it } from "vitest";
import { intervalCoverage, type StatedIntervals } from "../../../models/calibration/interval-coverage.ts";
import { sigmoid } from "../../../models/predictor/hazard.ts";
import { createRandom } from "../../../training/random.ts";

const Z90 = 1.6449;

/** Rows in 20 groups of equal score; each group's true rate lies `error` (deviation, in log-odds) beside what is stated.
 *  @param stated deviation that the intervals are made of */
function madeUp(seed: number, { error, stated }: { error: number; stated: number }): StatedIntervals {
  const random = createRandom(seed);
  const rows = { probability: [], lower: [], upper: [], outcome: [], cluster: [] } as Record<string, number[]>;
  for (let group = 0; group < 20; group += 1) {
    const score = -3 + group / 10;
    const trueRate = sigmoid(score + error * random.normal());
    const count = Math.round(200 / sigmoid(score));
    for (let row = 0; row < count; row += 1) {
      rows.probability!.push(sigmoid(score));
      rows.lower!.push(sigmoid(score - Z90 * stated));
      rows.upper!.push(sigmoid(score + Z90 * stated));
      rows.outcome!.push(random.uniform() < trueRate ? 1 : 0);
      rows.cluster!.push(rows.cluster!.length);
    }
  }
  return rows as unknown as StatedIntervals;
}

function shareCovered(options: { error: number; stated: number }): number {
  let covered = 0;
  let bins = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const coverage = intervalCoverage(madeUp(seed, options), Z90);
    covered += coverage?.covered ?? 0;
    bins += coverage?.bins ?? 0;
  }
  return covered / bins;
}

describe("the coverage of stated intervals", () => {
  it("is as stated when the intervals are as wide as the error", () => {
    const share = shareCovered({ error: 0.3, stated: 0.3 });
    expect(share).toBeGreaterThan(0.86);
    expect(share).toBeLessThan(0.95);
  });

  it("falls short when intervals are too narrow, and is too high when they are too wide", () => {
    expect(shareCovered({ error: 0.6, stated: 0.1 })).toBeLessThan(0.5);
    expect(shareCovered({ error: 0.1, stated: 0.6 })).toBeGreaterThan(0.98);
  });

  it("asks no width where there is no error but chance", () => {
    const coverage = intervalCoverage(madeUp(1, { error: 0, stated: 0 }), Z90);
    expect(coverage?.bins).toBe(20);
    expect(coverage?.meanWidth).toBe(0);
    expect(coverage?.coveredWithoutWidth).toBe((coverage?.covered ?? 0) / 20);
    expect(coverage?.covered).toBeGreaterThanOrEqual(15);
  });

  it("counts rows that share an outcome once", () => {
    const rows = (cluster: (row: number) => number): StatedIntervals => ({
      probability: new Float64Array(400).fill(0.1),
      lower: new Float64Array(400).fill(0.1),
      upper: new Float64Array(400).fill(0.1),
      outcome: Float64Array.from({ length: 400 }, (_, row) => (row < 80 ? 1 : 0)),
      cluster: Float64Array.from({ length: 400 }, (_, row) => cluster(row)),
    });
    // twice as many as stated is no accident in 400 observations, but may well be in ten
    expect(
      intervalCoverage(
        rows((row) => row),
        Z90,
      )?.covered,
    ).toBe(0);
    expect(
      intervalCoverage(
        rows((row) => Math.floor(row / 7)),
        Z90,
      ),
    ).toMatchObject({ bins: 1, covered: 0 });
    expect(
      intervalCoverage(
        rows((row) => Math.floor(row / 40)),
        Z90,
      ),
    ).toBeNull();
  });
});
