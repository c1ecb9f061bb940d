import { describe, expect, it } from "vitest";
import { DEFAULT_FUSION_WEIGHTS } from "../../../models/fusion/fusion-weights.ts";
import { poolVoices } from "../../../models/fusion/pool.ts";
import { ERROR_CLASSES, type ErrorClass } from "../../../models/taxonomy/classes.ts";
import { fitPool, type PoolExample, voicesAt } from "../../../training/classifier/fit-pool.ts";
import { mean, scoreVoice } from "../../../training/classifier/score-voices.ts";
import { createRandom } from "../../../training/random.ts";

const C = ERROR_CLASSES.length;

function mostly(name: ErrorClass, share: number): Float64Array {
  return Float64Array.from(ERROR_CLASSES, (other) => (other === name ? share : (1 - share) / (C - 1)));
}

/** A world in which each voice is right so often; what it says when it is wrong is drawn. */
function world(rows: number, right: { rules: number; model: number }, seed = 1): PoolExample[] {
  const random = createRandom(seed);
  const draw = (): ErrorClass => ERROR_CLASSES[Math.floor(random.uniform() * C)]!;
  return Array.from({ length: rows }, () => {
    const truth = draw();
    const said = (share: number): ErrorClass => (random.uniform() < share ? truth : draw());
    const model = mostly(said(right.model), 0.9).map(Math.log);
    const rules = random.uniform() < 0.8 ? mostly(said(right.rules), 0.9) : null;
    return { class: truth, also: [], logits: model, rules, memory: null };
  });
}

const fusionOf = (examples: readonly PoolExample[], { temperature, fusion } = fitPool(examples)) =>
  examples.map((example) => poolVoices(voicesAt(example, temperature), fusion));

describe("fitting the pool", () => {
  it("gives the more reliable voice the greater weight", () => {
    const { fusion } = fitPool(world(400, { rules: 0.5, model: 0.9 }));
    expect(fusion.model).toBeGreaterThan(fusion.rules);
    const other = fitPool(world(400, { rules: 0.95, model: 0.5 })).fusion;
    expect(other.rules).toBeGreaterThan(other.model);
  });

  it("beats each voice alone on rows that it was not fitted on", () => {
    const fitted = fitPool(world(400, { rules: 0.8, model: 0.8 }));
    const unseen = world(400, { rules: 0.8, model: 0.8 }, 2);
    const voices = unseen.map((example) => voicesAt(example, fitted.temperature));
    const fusion = scoreVoice(unseen, fusionOf(unseen, fitted));
    for (const alone of [voices.map((own) => own.rules), voices.map((own) => own.model)]) {
      expect(fusion.accuracy).toBeGreaterThan(scoreVoice(unseen, alone).accuracy);
      expect(fusion.logLoss).toBeLessThan(scoreVoice(unseen, alone).logLoss);
    }
  });

  it("trusts the rules less for a class that they often get wrong", () => {
    const examples = world(600, { rules: 0.9, model: 0.6 }).map((example) =>
      example.rules !== null && example.class !== "configuration" && example.class !== "crash"
        ? example
        : { ...example, rules: mostly(example.class === "crash" ? "configuration" : "crash", 0.9) },
    );
    const { rulesByClass = [] } = fitPool(examples).fusion;
    const added = (name: ErrorClass): number => rulesByClass[ERROR_CLASSES.indexOf(name)]!;
    expect(added("configuration")).toBeLessThan(added("timeout"));
    expect(added("crash")).toBeLessThan(added("timeout"));
  });

  it("is surer of the model alone where that is as right as it says, than beside rules that say the same things", () => {
    const { fusion } = fitPool(
      world(600, { rules: 0.9, model: 0.9 }).map((example) =>
        example.rules === null ? example : { ...example, rules: example.logits.map(Math.exp) },
      ),
    );
    expect(fusion.modelAlone).toBeGreaterThan(1);
  });

  it("makes confidence match how often it is right", () => {
    const examples = world(800, { rules: 0.7, model: 0.7 });
    const pooled = fusionOf(examples);
    const sure = mean(pooled.map((distribution) => Math.max(...distribution)));
    expect(sure).toBeCloseTo(scoreVoice(examples, pooled).accuracy, 1);
  });

  it("takes every voice as it is when there is nothing to learn from", () => {
    expect(fitPool([])).toEqual({ temperature: 1, fusion: DEFAULT_FUSION_WEIGHTS });
  });
});
