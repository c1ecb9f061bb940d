import { describe, expect, it } from "vitest";
import { type GateInput, type GateRuleName, judge, refuseForLackOfData } from "../../../training/gate/gate.ts";

const limits = { minAccuracy: 0.85, maxCalibrationError: 0.05, minRows: 100 };
const good: GateInput = {
  rows: 500,
  distinctOutcomes: 2,
  accuracy: 0.91,
  majorityAccuracy: 0.8,
  brierSkill: 0.3,
  brierSkillError: 0.05,
  calibrationError: 0.02,
  leaks: [],
  champion: { version: "3", rows: 500, logLossDifference: -0.01, standardError: 0.004, brierDifference: -0.002 },
};
const champion = (logLossDifference: number) => ({ ...good.champion!, logLossDifference });

describe("the gate", () => {
  it("passes a candidate that meets every rule, and says so with every number", () => {
    const verdict = judge(good, limits);
    expect(verdict.passed).toBe(true);
    expect(verdict.rules.map((rule) => rule.rule)).toEqual([
      "enough_data",
      "both_outcomes",
      "accuracy",
      "majority",
      "skill",
      "calibration",
      "leak",
      "champion",
    ] satisfies GateRuleName[]);
    expect(verdict.rules.every((rule) => Number.isFinite(rule.value) && Number.isFinite(rule.limit))).toBe(true);
  });

  it.each<[string, Partial<GateInput>, GateRuleName]>([
    ["accuracy of exactly 0.85", { accuracy: 0.85 }, "accuracy"],
    ["accuracy below the majority's", { majorityAccuracy: 0.92 }, "majority"],
    ["no skill over the base rate", { brierSkill: 0, brierSkillError: 0 }, "skill"],
    ["skill that chance alone would show", { brierSkill: 0.08 }, "skill"],
    ["skill of which nobody knows how sure it is", { brierSkillError: Number.NaN }, "skill"],
    ["a calibration error above the limit", { calibrationError: 0.0501 }, "calibration"],
    ["a slice with one outcome", { distinctOutcomes: 1 }, "both_outcomes"],
    ["too few validation rows", { rows: 99 }, "enough_data"],
    ["a feature that knows the answer", { leaks: ["error.ratio"] }, "leak"],
    ["more log loss than the champion", { champion: champion(1e-9) }, "champion"],
    ["an accuracy that is not a number", { accuracy: Number.NaN }, "accuracy"],
    ["a skill that is not a number", { brierSkill: Number.NaN }, "skill"],
    ["a calibration error that is not a number", { calibrationError: Number.NaN }, "calibration"],
    ["a comparison that is not a number", { champion: champion(Number.NaN) }, "champion"],
  ])("rejects %s", (_, change, rule) => {
    const verdict = judge({ ...good, ...change }, limits);
    expect(verdict.passed).toBe(false);
    expect(verdict.rules.filter((entry) => !entry.passed).map((entry) => entry.rule)).toContain(rule);
    expect(verdict.reason).not.toBe("");
  });

  it("lets a candidate tie with majority, calibration limit and champion", () => {
    const tied = { ...good, majorityAccuracy: 0.91, calibrationError: 0.05, champion: champion(0) };
    expect(judge(tied, limits).passed).toBe(true);
  });

  it("puts down to chance that the majority is right a little more often, and no more than that", () => {
    const rare = { ...good, accuracy: 0.9118, majorityAccuracy: 0.9123 };
    expect(judge(rare, limits).passed).toBe(false);
    expect(judge({ ...rare, majorityDifferenceError: 0.001 }, limits).passed).toBe(true);
    expect(judge({ ...rare, majorityDifferenceError: 0.0002 }, limits).passed).toBe(false);
    expect(judge({ ...rare, majorityDifferenceError: Number.NaN }, limits).passed).toBe(false);
  });

  it("asks nothing about a champion that does not exist, and says when one could not be compared", () => {
    const verdict = judge({ ...good, champion: null, championNote: "champion 3 could not be compared" }, limits);
    expect(verdict.passed).toBe(true);
    expect(verdict.rules.map((rule) => rule.rule)).not.toContain("champion");
    expect(verdict.reason).toContain("champion 3 could not be compared");
  });

  it("refuses too little data in words", () => {
    expect(refuseForLackOfData("not enough examples: 3", 3, 200)).toMatchObject({
      passed: false,
      reason: "not enough examples: 3",
      rules: [{ rule: "enough_data", value: 3, limit: 200 }],
    });
  });
});
