import { describe, expect, it } from "vitest";
import { argmax } from "../../../models/fusion/pool.ts";
import { type LabelledEncoding, poolOpinions, teach } from "../../../training/adaptation/adaptive-classifier.ts";
import { createVectoriser, hashTokens } from "../../../training/adaptation/features.ts";
import { createOperatorsMemory } from "../../../training/adaptation/operators-memory.ts";
import { fitRegression } from "../../../training/adaptation/softmax-regression.ts";
import { splitByOrigin, splitByTime } from "../../../training/adaptation/study.ts";

const sparse = (...indices: number[]) => ({
  indices: Uint32Array.from(indices),
  values: Float32Array.from(indices, () => 1),
});

const text = (words: string, target: number, origin = "a"): LabelledEncoding => ({
  tokens: hashTokens(words.split(" ").map((word) => ({ name: `word:${word}`, value: 1 }))),
  votes: new Float64Array(28),
  origin,
  target,
});

describe("the regression", () => {
  it("solves a problem that words solve", () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      input: sparse(index % 3, 10),
      target: index % 3,
      weight: 1,
    }));
    const { score } = fitRegression(rows, { classes: 3, l2: 0.1 });
    for (let c = 0; c < 3; c++) expect(argmax(score(sparse(c)))).toBe(c);
    expect(score(sparse(99)).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
  });

  it("minds the weights of rows where they contradict each other", () => {
    const rows = [0, 1].flatMap((target) =>
      Array.from({ length: 5 }, () => ({ input: sparse(1), target, weight: target === 1 ? 4 : 1 })),
    );
    expect(argmax(fitRegression(rows, { classes: 2, l2: 1 }).score(sparse(1)))).toBe(1);
  });
});

describe("the tokens that count", () => {
  const common = hashTokens([{ name: "word:lease", value: 1 }]).indices[0]!;
  const settings = { voteScale: 0, minOrigins: 2 };

  it("are those of several projects, and all those of the projects that gave feedback", () => {
    const training = [text("lease orchid", 0, "a"), text("lease", 0, "b")];
    const asked = text("lease orchid", 0, "c");
    expect([...createVectoriser(training, [], settings)(asked).indices]).toEqual([common]);
    expect(createVectoriser(training, [text("orchid", 0, "c")], settings)(asked).indices).toHaveLength(2);
  });

  it("make a vector of length 1, in which rare ones weigh more", () => {
    const training = [
      text("lease", 0, "a"),
      text("lease orchid", 0, "b"),
      text("lease orchid", 0, "c"),
      text("lease", 0, "d"),
    ];
    const { indices, values } = createVectoriser(training, [], settings)(text("orchid lease", 0));
    expect(Math.hypot(...values)).toBeCloseTo(1, 6);
    expect(values[1 - indices.indexOf(common)]!).toBeGreaterThan(values[indices.indexOf(common)]!);
  });
});

describe("what operators of a project said", () => {
  const shares = Float64Array.from([0.5, 0.5]);

  it("speaks for errors like the labelled ones, and for the project's on the whole", () => {
    const ask = createOperatorsMemory([{ input: sparse(1, 2, 3), target: 1, origin: "a" }], shares);
    const near = ask(sparse(1, 2, 4), "a");
    expect(argmax(near.neighbours)).toBe(1);
    expect(near.trust).toBeCloseTo(2 / 3, 6);
    expect(near.mix[1]!).toBeGreaterThan(near.mix[0]!);
    const elsewhere = ask(sparse(7, 8), "b");
    expect(elsewhere.trust).toBe(0);
    expect([...elsewhere.mix]).toEqual([1, 1]);
  });

  it("turns answers about that project, and only as far as it is trusted", () => {
    const training = Array.from({ length: 20 }, (_, index) =>
      text(index % 2 === 0 ? "lease lost" : "bad shape", index % 2, "old"),
    );
    const feedback = Array.from({ length: 4 }, () => text("lease lost again", 1, "new"));
    const fit = { l2: 1, voteScale: 0, minOrigins: 1, feedbackWeight: 1, originBalance: 0, classBalance: 0 };
    const ask = teach(training, feedback, 2, fit);
    const opinions = ask(text("lease lost again", 1, "new"));
    expect(argmax(poolOpinions(opinions, { neighbours: 2, mix: 1 }))).toBe(1);
    expect(argmax(poolOpinions(ask(text("lease lost", 0, "old")), { neighbours: 0, mix: 0 }))).toBe(0);
  });
});

describe("splits", () => {
  const rows = ["a", "a", "a", "b", "b", "c", "d"].map((origin) => text("x", 0, origin));

  it("never cut through an origin, and hold each row out once", () => {
    const splits = splitByOrigin(rows, 3);
    for (const { training, heldOut } of splits) {
      const held = new Set(heldOut.map(({ origin }) => origin));
      expect(training.some(({ origin }) => held.has(origin))).toBe(false);
      expect(training.length + heldOut.length).toBe(rows.length);
    }
    expect(splits.flatMap(({ heldOut }) => heldOut)).toHaveLength(rows.length);
  });

  it("by time hold out what is later", () => {
    const { training, heldOut } = splitByTime(rows, 0.7);
    expect([training, heldOut]).toEqual([rows.slice(0, 4), rows.slice(4)]);
  });
});
