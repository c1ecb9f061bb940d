import { describe, expect, it } from "vitest";
import { fitUncertainty, type OutOfSampleRows } from "../../../training/fit/fit-uncertainty.ts";
import { createRandom } from "../../../training/random.ts";

const BLOCKS = 2;
const ROWS = 20_000;

/** Rows that are answered by `score`; what is true differs from it by a level per half of the time and by an error per row group.
 *  @param drift by how much the first half lies above and the second below @param error of the answers, as multiples of the spread that the members show */
function outOfSample(drift: number, error: number, seed = 3): OutOfSampleRows {
  const random = createRandom(seed);
  const levels = [drift, -drift];
  const spread = new Float64Array(ROWS);
  const outcome = new Uint8Array(ROWS);
  // Rows of about one score share one error, as rows of one service in one state do.
  const errors = Array.from({ length: 50 }, () => random.normal());
  const score = Float64Array.from({ length: ROWS }, (_, row) => {
    const stated = -4 + 1.2 * random.normal();
    spread[row] = 0.15;
    const group = Math.min(49, Math.max(0, Math.floor(25 + 10 * (stated + 4))));
    const truth = stated + levels[Math.floor((BLOCKS * row) / ROWS)]! + 0.15 * error * errors[group]!;
    outcome[row] = random.uniform() < 1 / (1 + Math.exp(-truth)) ? 1 : 0;
    return stated;
  });
  const rows = Int32Array.from(outcome, (_, row) => row);
  return { score, spread, outcome, atMs: Float64Array.from(rows), cluster: rows };
}

describe("the width of intervals", () => {
  it("needs nothing beyond the members' spread when answers hold", () => {
    const { drift, spreadScale } = fitUncertainty({ ...outOfSample(0, 0), spread: new Float64Array(ROWS) });
    expect(drift).toBeLessThan(0.25);
    expect(spreadScale).toBe(1);
  });

  it("takes in how far the fleet's level moves from one stretch of time to the next", () => {
    const { drift } = fitUncertainty({ ...outOfSample(0.25, 0), spread: new Float64Array(ROWS) });
    // a quarter in the half that is answered uncorrected, a half in the one that is corrected by it
    expect(drift).toBeGreaterThan(0.25);
    expect(drift).toBeLessThan(0.5);
  });

  it("says nothing where there are too few onsets, or none at all", () => {
    const rows = outOfSample(0.5, 0);
    const none = { ...rows, outcome: new Uint8Array(ROWS) };
    expect(fitUncertainty(none)).toEqual({ drift: 0, spreadScale: 1 });
    const empty = { score: [], spread: [], outcome: [], atMs: [], cluster: [] };
    expect(fitUncertainty(empty)).toEqual({ drift: 0, spreadScale: 1 });
  });
});
