import { describe, expect, it } from "vitest";
import { chooseShare } from "../../../training/fit/choose-share.ts";
import { createRandom } from "../../../training/random.ts";

const EDGES = [1, 2];
const ROWS = 4000;

/** Two voices about the same rows: what each knows of the true log-odds, and how it errs. */
function voices(networkError: number, treeError: number, rows = ROWS) {
  const random = createRandom(4);
  const network = new Float64Array(rows * EDGES.length);
  const trees = new Float64Array(rows * EDGES.length);
  const outcome = Float32Array.from({ length: rows }, (_, row) => {
    const truth = -3 + 1.5 * random.normal();
    const [ofNetwork, ofTrees] = [truth + networkError * random.normal(), truth + treeError * random.normal()];
    network.fill(ofNetwork, row * EDGES.length, (row + 1) * EDGES.length);
    trees.fill(ofTrees, row * EDGES.length, (row + 1) * EDGES.length);
    return random.uniform() < 1 - (1 + Math.exp(truth)) ** -2 ? 1 : 0;
  });
  return {
    network,
    trees,
    edges: EDGES,
    horizonWindows: 2,
    outcome,
    cluster: Int32Array.from(outcome, (_, row) => row),
  };
}

describe("the trees' share", () => {
  it("is all or nothing when one voice knows and the other only makes noise", () => {
    expect(chooseShare(voices(0, 30))).toBe(0);
    expect(chooseShare(voices(30, 0))).toBe(1);
  });

  it("is about one half when both err as much and apart", () => {
    expect(chooseShare(voices(1, 1))).toBe(0.5);
  });

  it("is nearer to one half the fewer rows tell the voices apart", () => {
    const [many, few] = [chooseShare(voices(0.5, 1)), chooseShare(voices(0.5, 1, 100))];
    expect(many).toBeLessThan(few);
    expect(few).toBeLessThanOrEqual(0.5);
  });

  it("does not see how sure a voice is, only what it knows: slopes are set later", () => {
    const both = voices(30, 0);
    expect(chooseShare({ ...both, trees: both.trees.map((logit) => logit / 3) })).toBe(1);
  });

  it("ignores rows whose outcome is not known, and is 0 when there is only one outcome", () => {
    const some = voices(30, 0);
    const half = { ...some, outcome: some.outcome.map((seen, row) => (row % 2 === 0 ? seen : Number.NaN)) };
    expect(chooseShare(half)).toBe(1);
    expect(chooseShare({ ...some, outcome: some.outcome.map(() => 0) })).toBe(0);
  });
});
