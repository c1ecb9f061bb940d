import { describe, expect, it } from "vitest";
import {
  decideRetraining,
  type RetrainingSettings,
  type RetrainingSituation,
} from "../../../models/lifecycle/retraining-policy.ts";

const settings: RetrainingSettings = { onDrift: true, coolDownMs: 100, feedbackLabels: 10, minNewExamples: 50 };
const quiet: RetrainingSituation = {
  ...{ nowMs: 1_000, busy: false, lastAutomaticMs: null, newLabels: 0, newExamples: 0, drifting: [] },
};

describe("the retraining policy", () => {
  it.each<[string, Partial<RetrainingSituation>, Partial<RetrainingSettings>, "feedback" | "drift" | null]>([
    ["when nothing calls for it", {}, {}, null],
    ["one label short", { newLabels: 9 }, {}, null],
    ["with enough labels", { newLabels: 10 }, {}, "feedback"],
    ["with labels that may not start it", { newLabels: 99 }, { feedbackLabels: 0 }, null],
    ["on drift with new outcomes", { drifting: ["loss"], newExamples: 50 }, {}, "drift"],
    ["on drift without enough new outcomes", { drifting: ["loss"], newExamples: 49 }, {}, null],
    ["on drift that may not start it", { drifting: ["loss"], newExamples: 50 }, { onDrift: false }, null],
    ["while a job runs", { newLabels: 10, busy: true }, {}, null],
    ["within the cool-down", { newLabels: 10, lastAutomaticMs: 901 }, {}, null],
    ["after the cool-down", { newLabels: 10, lastAutomaticMs: 900 }, {}, "feedback"],
    [
      "for labels rather than drift when both call",
      { newLabels: 10, drifting: ["loss"], newExamples: 50 },
      {},
      "feedback",
    ],
  ])("%s", (_, situation, change, reason) => {
    const decision = decideRetraining({ ...quiet, ...situation }, { ...settings, ...change });
    expect(decision.start ? decision.reason : null).toBe(reason);
    expect(decision.because).not.toBe("");
  });
});
