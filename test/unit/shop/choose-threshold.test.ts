import { describe, expect, it } from "vitest";
import { chooseThreshold } from "../../../datasets/shop/demo/choose-threshold.ts";

const point = (threshold: number, warned: number, falsePerTenMinutes: number) => ({
  ...{ threshold, warned, onsets: 30 },
  falseAlarmsPerServiceDay: falsePerTenMinutes * 144,
});

const jobWith = (points: unknown[], state = "promoted") => ({
  state,
  metrics: {
    operatingPoints: [
      { horizonMs: 5_000, points: [point(0.1, 30, 0)] },
      { horizonMs: 10_000, points },
    ],
  },
});

const WISH = { horizonMs: 10_000, maxFalseAlarms: 0.75, otherwise: 0.5 };

describe("the threshold of warnings", () => {
  it("is the one that warned of most failures with few enough false alarms", () => {
    const points = [point(0.3, 28, 3), point(0.6, 24, 0.7), point(0.65, 22, 0.2), point(0.8, 15, 0)];
    expect(chooseThreshold(jobWith(points), WISH)).toMatchObject({
      threshold: 0.6,
      sentence: expect.stringContaining("24 of 30 failures, with 0.70 false alarms"),
    });
  });

  it("is the highest of equals", () => {
    expect(chooseThreshold(jobWith([point(0.6, 24, 0.5), point(0.7, 24, 0.1)]), WISH).threshold).toBe(0.7);
  });

  it.each([
    ["no point is rare enough in false alarms", jobWith([point(0.3, 28, 3)])],
    ["those that are warn of nothing", jobWith([point(0.3, 28, 3), point(0.95, 0, 0)])],
    ["the gate kept the model out", jobWith([point(0.6, 24, 0.1)], "rejected")],
    ["the job says nothing of it", { state: "promoted", metrics: {} }],
    ["the job has no numbers", { state: "promoted", metrics: null }],
  ])("stays as it was when %s", (_, job) => {
    expect(chooseThreshold(job, WISH).threshold).toBe(0.5);
  });
});
