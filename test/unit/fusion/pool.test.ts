import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_FUSION_WEIGHTS } from "../../../models/fusion/fusion-weights.ts";
import { memoryOpinion } from "../../../models/fusion/label-memory.ts";
import { argmax, poolVoices } from "../../../models/fusion/pool.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";

const C = ERROR_CLASSES.length;

function mostly(index: number, share: number): Float64Array {
  const distribution = new Float64Array(C).fill((1 - share) / (C - 1));
  distribution[index] = share;
  return distribution;
}

describe("the pool", () => {
  it("gives probabilities that sum to 1, whoever speaks", () => {
    const voice = fc.option(
      fc.tuple(fc.nat(C - 1), fc.double({ min: 0, max: 1, noNaN: true })).map(([index, share]) => mostly(index, share)),
    );
    fc.assert(
      fc.property(voice, voice, fc.double({ min: 0, max: 1, noNaN: true }), (rules, model, trust) => {
        const memory = model === null ? null : { distribution: model, trust };
        const pooled = poolVoices({ rules, model, memory }, DEFAULT_FUSION_WEIGHTS);
        expect(pooled.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(Math.min(...pooled)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is surer when rules and model agree, and torn when they do not", () => {
    const agree = poolVoices({ rules: mostly(0, 0.8), model: mostly(0, 0.8), memory: null }, DEFAULT_FUSION_WEIGHTS);
    const torn = poolVoices({ rules: mostly(0, 0.8), model: mostly(1, 0.8), memory: null }, DEFAULT_FUSION_WEIGHTS);
    expect(agree[0]).toBeGreaterThan(0.95);
    expect(torn[0]).toBeCloseTo(torn[1]!, 9);
  });

  it("lets an operators' rule outweigh a model that is as sure as can be, and less so the less sure the rule is", () => {
    const askedOf = (operatorRule: number) =>
      poolVoices({ rules: mostly(3, 0.9987), model: mostly(1, 1), memory: null, operatorRule }, DEFAULT_FUSION_WEIGHTS);
    expect(argmax(askedOf(0.999))).toBe(3);
    expect(askedOf(0.999)[3]).toBeGreaterThan(0.9);
    expect(argmax(askedOf(0))).toBe(1);
    expect(askedOf(0.5)[3]).toBeLessThan(askedOf(0.999)[3]!);
  });

  it("lets a label of this very error outweigh an operators' rule", () => {
    const asked = { class: ERROR_CLASSES[5]!, weight: 1, operators: 1, fingerprint: "v2-x", similarity: 1 };
    const voices = {
      rules: mostly(3, 0.9987),
      model: mostly(1, 0.99),
      memory: memoryOpinion(asked),
      operatorRule: 0.999,
    };
    expect(argmax(poolVoices(voices, DEFAULT_FUSION_WEIGHTS))).toBe(5);
  });

  it("lets one operator's label of this very error outweigh a sure rule and a sure model", () => {
    const memory = memoryOpinion({
      class: ERROR_CLASSES[5]!,
      weight: 1,
      operators: 1,
      fingerprint: "v1-x",
      similarity: 1,
    });
    const pooled = poolVoices({ rules: mostly(0, 0.99), model: mostly(0, 0.99), memory }, DEFAULT_FUSION_WEIGHTS);
    expect(argmax(pooled)).toBe(5);
  });
});
