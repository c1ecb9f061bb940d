import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LabelWindow, labelExamples, onsetStarts } from "../../../models/features/labels.ts";

const SIZE = 10;

/** `.` healthy, `X` failed, `?` unknown, space: no such window. */
function history(picture: string): LabelWindow[] {
  return [...picture].flatMap((state, index) =>
    state === " " ? [] : [{ startMs: index * SIZE, failed: state === "X" ? true : state === "." ? false : null }],
  );
}

const label = (picture: string, options: Partial<Parameters<typeof labelExamples>[1]> = {}) =>
  labelExamples(history(picture), { sizeMs: SIZE, ...options });
const distances = (picture: string, options = {}) => label(picture, options).map((row) => row.windowsToOnset);
const exclusions = (picture: string, options = {}) => label(picture, options).map((row) => row.excluded ?? null);

describe("labels", () => {
  it("count windows to the next onset from the end of each window", () => {
    expect(distances("...X..X")).toEqual([3, 2, 1, 3, 2, 1, null]);
    expect(label("..X")[0]).toMatchObject({ atMs: SIZE, windowsToOnset: 2, observedWindows: 2 });
  });

  it("leave out rows that are failing already", () => {
    expect(exclusions(".XX.")).toEqual([null, "failing", "failing", null]);
    expect(label(".XX.")[1]!.alreadyFailing).toBe(true);
  });

  it("call only the first failed window after a healthy one an onset", () => {
    expect(onsetStarts(history("XX.XX..X"))).toEqual([3 * SIZE, 7 * SIZE]);
    expect(distances("XX..")).toEqual([null, null, null, null]);
  });

  it("see an onset behind unknown windows and gaps", () => {
    expect(distances(".??X")[0]).toBe(3);
    expect(distances(".  X")[0]).toBe(3);
    expect(exclusions("??.")).toEqual(["unknown", "unknown", null]);
  });

  it("stop observing at the last known window", () => {
    expect(label("....").map((row) => row.observedWindows)).toEqual([3, 2, 1, 0]);
    expect(label("..??").map((row) => row.observedWindows)).toEqual([1, 0, 0, 0]);
  });

  it("let an incident mark the windows that it overlaps", () => {
    expect(distances(".....", { incidents: [{ startMs: 25, endMs: 31 }] })).toEqual([2, 1, null, null, null]);
    expect(exclusions(".....", { incidents: [{ startMs: 25, endMs: null }] })).toEqual([
      null,
      null,
      "failing",
      "failing",
      "failing",
    ]);
  });

  it("let an operator deny a failure that the rule saw", () => {
    const verdicts = [{ atMs: 20, horizonMs: 30, outcome: "did_not_fail" as const }];
    expect(distances("...XX..X", { verdicts })).toEqual([7, 6, 5, 4, 3, 2, 1, null]);
    expect(exclusions("...XX..", { verdicts })).toEqual([null, null, null, null, null, null, null]);
  });

  it("let an operator confirm a failure that no rule saw, at the end of its horizon", () => {
    const verdicts = [{ atMs: 20, horizonMs: 30, outcome: "failed" as const }];
    expect(distances("......", { verdicts })).toEqual([null, 3, null, null, null, null]);
    expect(distances("...X..", { verdicts })[1]).toBe(2);
  });

  it("leave out what was mitigated, and stop earlier rows from learning from it", () => {
    const verdicts = [{ atMs: 30, horizonMs: 20, outcome: "mitigated" as const }];
    expect(exclusions("........", { verdicts })).toEqual([
      null,
      null,
      "mitigated",
      "mitigated",
      null,
      null,
      null,
      null,
    ]);
    expect(label("........", { verdicts }).map((row) => row.observedWindows)).toEqual([2, 1, 5, 4, 3, 2, 1, 0]);
  });

  it("never name an onset beyond what was observed, and agree with the onsets themselves", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(".", ".", "X", "?", " "), { maxLength: 40 }), (states) => {
        const windows = history(states.join(""));
        const onsets = onsetStarts(windows);
        for (const row of labelExamples(windows, { sizeMs: SIZE })) {
          const next = onsets.find((startMs) => startMs >= row.atMs);
          expect(row.windowsToOnset).toBe(next === undefined ? null : (next - row.atMs) / SIZE + 1);
          if (row.windowsToOnset !== null) expect(row.windowsToOnset).toBeLessThanOrEqual(row.observedWindows);
        }
      }),
    );
  });
});
