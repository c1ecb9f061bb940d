import { describe, expect, it } from "vitest";
import { takeSlice } from "../../../training/evaluate-front-door/take-slice.ts";

const DAY = 86_400;
/** The second site is down most of the time, so that no study keeps it. */
const TEXT = [
  `a.example 2 0 ${DAY} ${DAY + 1200} ${4 * DAY}`,
  `b.example 2 0 600 ${4 * DAY - 600} ${4 * DAY}`,
  `c.example 1 0 ${4 * DAY}`,
  `d.example 1 0 ${4 * DAY}`,
].join("\n");

describe("a slice of an availability trace", () => {
  it("holds the first sites that are worth studying", () => {
    expect(takeSlice(TEXT, { sites: 2 }).split("\n")).toEqual([
      `a.example 2 0 ${DAY} ${DAY + 1200} ${4 * DAY}`,
      `c.example 1 0 ${4 * DAY}`,
    ]);
  });

  it("ends with its last day, within a period or between two", () => {
    expect(takeSlice(TEXT, { days: 2, sites: 1 })).toBe(`a.example 2 0 ${DAY} ${DAY + 1200} ${2 * DAY}`);
    expect(takeSlice(TEXT, { days: 1, sites: 1 })).toBe(`a.example 1 0 ${DAY}`);
  });

  it("without limits leaves out only what is not studied", () => {
    expect(takeSlice(TEXT, {}).split("\n")).toHaveLength(3);
  });

  it("of no site is refused", () => {
    expect(() => takeSlice(`b.example 2 0 600 ${4 * DAY - 600} ${4 * DAY}`, {})).toThrow(RangeError);
  });
});
