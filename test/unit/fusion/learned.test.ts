import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_FUSION_WEIGHTS } from "../../../models/fusion/fusion-weights.ts";
import { boundedInfluence, type GivenLabel, standingLabels } from "../../../models/fusion/given-label.ts";
import { learnFrom } from "../../../models/fusion/learned.ts";
import { ERROR_CLASSES, type ErrorClass } from "../../../models/taxonomy/classes.ts";
import { NO_LABELS, withLabel, withoutLabel } from "../../../services/platform/classification/label-set.ts";

const C = ERROR_CLASSES.length;
const RULE = "r/words";

function mostly(name: ErrorClass, share = 0.9): number[] {
  return ERROR_CLASSES.map((other) => (other === name ? share : (1 - share) / (C - 1)));
}

/** A label of an error that the rules call a timeout and the model a conflict. */
function label(
  seq: number,
  said: ErrorClass,
  { operator = "a", group = `v1-${seq}`, modelVersion = "1" } = {},
): GivenLabel {
  return {
    id: String(seq),
    ...{ seq, fingerprint: group, operator, class: said, atMs: seq },
    evidence: {
      signature: { exceptionType: "E", rootType: "E", hashes: [seq] },
      rules: [{ key: RULE, class: "timeout" }],
      votes: { rules: mostly("timeout"), model: mostly("conflict"), modelVersion },
      loss: 1,
    },
  };
}

const taught = (labels: readonly GivenLabel[], modelVersion = "1") => {
  const { posteriors, weightsFor, memory } = learnFrom(labels);
  return {
    posteriors: [...posteriors],
    weights: weightsFor(modelVersion, DEFAULT_FUSION_WEIGHTS),
    recalled: labels.map(({ fingerprint, evidence }) => memory.recall(fingerprint, () => evidence.signature)),
  };
};

const someLabels = fc
  .array(
    fc.record({
      said: fc.constantFrom<ErrorClass>("timeout", "conflict", "crash"),
      operator: fc.constantFrom("a", "b", "c"),
      group: fc.constantFrom("v1-x", "v1-y", "v1-z", "v1-w"),
    }),
    { maxLength: 12 },
  )
  .map((drawn) => drawn.map(({ said, ...rest }, seq) => label(seq, said, rest)));

describe("what labels teach", () => {
  it("is that of the labels that stand, in whatever order they are read", () => {
    fc.assert(
      fc.property(someLabels, (labels) => {
        expect(taught([...labels].reverse()).posteriors.sort()).toEqual(taught(labels).posteriors.sort());
        expect(learnFrom([...labels].reverse()).labels).toEqual(learnFrom(labels).labels);
      }),
    );
  });

  it("keeps no trace of a label that was given and taken back", () => {
    fc.assert(
      fc.property(someLabels, (labels) => {
        const before = labels.reduce(withLabel, NO_LABELS);
        const extra = label(99, "crash", { operator: "a", group: "v1-x" });
        const after = withoutLabel(withLabel(before, extra), extra.id);
        expect(taught([...after.byId.values()])).toEqual(taught(labels));
        expect(after.learned.labels).toEqual(before.learned.labels);
      }),
    );
  });

  it("brings back what an operator had said before he changed his mind, when the change is withdrawn", () => {
    const first = label(1, "crash", { group: "v1-x" });
    const second = label(2, "timeout", { group: "v1-x" });
    expect(standingLabels([first, second])).toEqual([second]);
    expect(standingLabels([first])).toEqual([first]);
  });

  it("moves weight to the voice that was right, and counts for the model that voted", () => {
    const right = taught(Array.from({ length: 20 }, (_, seq) => label(seq, "conflict")));
    expect(right.weights.model).toBeGreaterThan(DEFAULT_FUSION_WEIGHTS.model);
    expect(right.weights.rules).toBeLessThan(DEFAULT_FUSION_WEIGHTS.rules);
    expect(taught([label(1, "conflict", { modelVersion: "2" })]).weights).toEqual(DEFAULT_FUSION_WEIGHTS);
  });

  it("finds the weights at which nothing pulls any more: the likelihood's slope equals the prior's", () => {
    const labels = Array.from({ length: 10 }, (_, seq) => label(seq, seq % 3 === 0 ? "timeout" : "conflict"));
    const { weights } = taught(labels);
    const posterior = (rules: number, model: number): number => {
      const scoreOf = (name: ErrorClass): number =>
        rules * Math.log(mostly("timeout")[ERROR_CLASSES.indexOf(name)]!) +
        model * Math.log(mostly("conflict")[ERROR_CLASSES.indexOf(name)]!);
      const total = Math.log(ERROR_CLASSES.reduce((sum, name) => sum + Math.exp(scoreOf(name)), 0));
      const fit = labels.reduce((sum, { class: said }) => sum + scoreOf(said) - total, 0);
      return fit - 25 * ((rules - 1) ** 2 + (model - 1) ** 2);
    };
    const best = posterior(weights.rules, weights.model);
    for (const [dr, dm] of [
      [0.01, 0],
      [-0.01, 0],
      [0, 0.01],
      [0, -0.01],
    ] as const)
      expect(posterior(weights.rules + dr, weights.model + dm)).toBeLessThan(best);
  });
});

describe("a flood of labels from one operator", () => {
  const flood = Array.from({ length: 1000 }, (_, seq) => label(seq, "crash", { operator: "flood" }));

  it("bends a rule no further than four judgements do", () => {
    expect(learnFrom(flood).posteriors.get(RULE)).toEqual({ agreed: 0, disagreed: expect.closeTo(4, 9) });
  });

  it("moves the pool no further than 25 labels do", () => {
    expect(boundedInfluence(flood).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(25, 9);
    const some = taught(flood.slice(0, 25)).weights;
    const all = taught(flood).weights;
    expect(all.rules).toBeCloseTo(some.rules, 9);
    expect(all.model).toBeCloseTo(some.model, 9);
  });

  it("does not drown what others say of a group", () => {
    const others = ["b", "c"].map((operator, index) => label(2000 + index, "timeout", { operator, group: "v1-x" }));
    const { memory } = learnFrom([...flood, label(1999, "crash", { operator: "flood", group: "v1-x" }), ...others]);
    expect(memory.recall("v1-x", () => others[0]!.evidence.signature)).toMatchObject({
      class: "timeout",
      operators: 2,
    });
  });
});
