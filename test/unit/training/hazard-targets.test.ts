import { describe, expect, it } from "vitest";
import { hazardTargets, outcomeWithin } from "../../../training/fit/hazard-targets.ts";

const EDGES = [1, 2, 4];

describe("hazard targets", () => {
  it.each([
    ["an onset in the next window", 1, 1, [1, 0, 0], [1, 0, 0]],
    ["an onset inside a wide bucket", 3, 3, [0, 0, 1], [1, 1, 1]],
    ["no onset, watched to the end", Number.NaN, 9, [0, 0, 0], [1, 1, 1]],
    ["censored inside a bucket", Number.NaN, 3, [0, 0, 0], [1, 1, 0]],
    ["an onset beyond the last edge", 7, 7, [0, 0, 0], [1, 1, 1]],
    ["watched not even one window", Number.NaN, 0, [0, 0, 0], [0, 0, 0]],
  ])("%s", (_, onset, observed, label, mask) => {
    const targets = hazardTargets([onset], [observed], EDGES);
    expect(Array.from(targets.label)).toEqual(label);
    expect(Array.from(targets.mask)).toEqual(mask);
  });
});

describe("the outcome within a horizon", () => {
  it.each([
    [3, 3, 5, 1],
    [5, 5, 5, 1],
    [6, 6, 5, 0],
    [Number.NaN, 5, 5, 0],
    [Number.NaN, 4, 5, Number.NaN],
  ])("onset in %d, watched %d, horizon %d: %d", (onset, observed, horizon, outcome) => {
    expect(outcomeWithin(onset, observed, horizon)).toBe(outcome);
  });
});
