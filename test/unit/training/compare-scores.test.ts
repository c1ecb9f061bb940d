import { describe, expect, it } from "vitest";
import { compareScores } from "../../../training/evaluate-front-door/compare-scores.ts";
import { createRandom } from "../../../training/random.ts";

const ENTITIES = 20;
const ROWS_EACH = 20;

/** Outcomes of a known risk, the risk itself, and that risk blurred by normal noise of a deviation. */
function makeRows(blur: number) {
  const random = createRandom(3);
  const n = ENTITIES * ROWS_EACH;
  const risk = Float64Array.from({ length: n }, () => random.uniform() ** 2);
  return {
    risk,
    blurred: risk.map((one) => Math.min(1, Math.max(0, one + blur * random.normal()))),
    outcome: Uint8Array.from(risk, (one) => (random.uniform() < one ? 1 : 0)),
    entity: Int32Array.from({ length: n }, (_, row) => row % ENTITIES),
  };
}

describe("two series of probabilities", () => {
  it("that are the same differ by nothing", () => {
    const { risk, outcome, entity } = makeRows(0);
    const { auc, brier } = compareScores({ ours: risk, theirs: risk, outcome, entity }, 1);
    const nothing = { difference: 0, interval: { lower: 0, upper: 0 }, isWithinNoise: true };
    expect([auc, brier]).toEqual([expect.objectContaining(nothing), expect.objectContaining(nothing)]);
  });

  it("of which one is much worse differ by more than chance, in its disfavour", () => {
    const { risk, blurred, outcome, entity } = makeRows(0.5);
    const { auc, averagePrecision, brier } = compareScores({ ours: blurred, theirs: risk, outcome, entity }, 1);
    expect([auc, averagePrecision, brier].map((score) => score.isWithinNoise)).toEqual([false, false, false]);
    expect(auc.difference).toBeLessThan(0);
    expect(averagePrecision.difference).toBeLessThan(0);
    expect(brier.difference).toBeGreaterThan(0);
    expect(brier.interval.lower).toBeLessThan(brier.difference);
    expect(brier.interval.upper).toBeGreaterThan(brier.difference);
  });

  it("are compared alike with the same seed", () => {
    const { risk, blurred, outcome, entity } = makeRows(0.1);
    const rows = { ours: blurred, theirs: risk, outcome, entity };
    expect(compareScores(rows, 5)).toEqual(compareScores(rows, 5));
  });
});
