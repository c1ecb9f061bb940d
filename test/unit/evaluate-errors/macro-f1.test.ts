import { describe, expect, it } from "vitest";
import { macroF1 } from "../../../training/adaptation/macro-f1.ts";

describe("macro-F1", () => {
  it("gives a rare class the weight of a common one", () => {
    // Class 0: precision 3/4, recall 1; class 1: never named.
    expect(macroF1([0, 0, 0, 1], [0, 0, 0, 0])).toBeCloseTo((6 / 7 + 0) / 2, 12);
  });

  it("counts only classes that occur, and answers of others as misses", () => {
    expect(macroF1([0, 1], [0, 7])).toBeCloseTo(0.5, 12);
    expect(macroF1([2, 2], [2, 2])).toBe(1);
  });
});
