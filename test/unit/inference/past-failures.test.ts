import { describe, expect, it } from "vitest";
import { recommendActions } from "../../../services/inference/predict/advice.ts";
import type { KnownThen } from "../../../services/inference/predict/known-then.ts";
import { pastFailures } from "../../../services/inference/predict/past-failures.ts";
import type { OutcomeNote, StoredFailure } from "../../../services/platform/store/past-failures.ts";
import { manifestOf } from "../predictor/fixtures.ts";

const MINUTE = 60_000;
const failure = (
  startMinute: number,
  vector: number[] | null,
  changes: Partial<StoredFailure> = {},
): StoredFailure => ({
  startMs: startMinute * MINUTE,
  endMs: (startMinute + 2) * MINUTE,
  classes: {},
  vector: vector === null ? null : Float32Array.from(vector),
  ...changes,
});
const note = (changes: Partial<OutcomeNote>): OutcomeNote => ({
  ...{ serviceId: 1, atMs: 0, outcome: "failed", horizonMs: 5 * MINUTE, comment: "the pool ran dry" },
  ...changes,
});
const known = (changes: Partial<KnownThen>): KnownThen => ({
  ...{ vectors: new Map(), lastWindows: new Map(), failures: new Map(), incidents: new Map(), notes: new Map() },
  ...changes,
});

describe("past failures", () => {
  it("come in the order of how alike their beginnings are to now, then those of which that cannot be said", () => {
    const past = pastFailures(
      1,
      known({
        vectors: new Map([[1, { atMs: 0, vector: Float32Array.of(2, 0, 0, 0, 0) }]]),
        failures: new Map([
          [
            1,
            [
              failure(50, null),
              failure(40, [0, 0, 3, 0, 0]),
              failure(30, [9, 0, 0, 0, 0]),
              failure(20, [-1, 0, 0, 0, 0]),
            ],
          ],
        ]),
      }),
      manifestOf(),
    );
    expect(past.map(({ startMs, likeness }) => [startMs / MINUTE, likeness])).toEqual([
      [30, expect.closeTo(1, 9)],
      [40, 0],
      [20, expect.closeTo(-1, 9)],
      [50, null],
    ]);
  });

  it("say what errors they brought, and what was noted about them and about nothing else", () => {
    const [past] = pastFailures(
      1,
      known({
        failures: new Map([[1, [failure(30, null, { classes: { timeout: 6, crash: 3, unknown: 1 } })]]]),
        notes: new Map([
          [
            1,
            [
              note({ atMs: 26 * MINUTE }),
              note({ atMs: 31 * MINUTE, comment: "still going on" }),
              note({ atMs: 20 * MINUTE, comment: "something else" }),
              note({ atMs: 40 * MINUTE, comment: "later" }),
              note({ atMs: 29 * MINUTE, comment: null }),
            ],
          ],
        ]),
      }),
      null,
    );
    expect(past?.classes).toEqual([
      { class: "timeout", share: 0.6 },
      { class: "crash", share: 0.3 },
    ]);
    expect(past?.comments).toEqual(["the pool ran dry", "still going on"]);
  });

  it("count a warning that somebody acted on, and its comment is the first thing to do", () => {
    const past = pastFailures(
      1,
      known({
        notes: new Map([
          [1, [note({ outcome: "mitigated", atMs: Date.UTC(2026, 0, 5), comment: "restarted\n the   pool" })]],
        ]),
      }),
      null,
    );
    expect(past[0]).toMatchObject({ kind: "mitigated", endMs: null });
    const advice = (risk: number) =>
      recommendActions({ risk, threshold: 0.5, expectedClasses: [], attribution: null, past });
    expect(advice(0.9)).toEqual(["Consider what averted a failure on 2026-01-05: restarted the pool"]);
    expect(advice(0.1)).toEqual([]);
  });

  it("stand in for the model's classes where it expects none", () => {
    const past = pastFailures(
      1,
      known({ failures: new Map([[1, [failure(30, null, { classes: { timeout: 5 } })]]]) }),
      null,
    );
    const without = recommendActions({ risk: 0.9, threshold: 0.5, expectedClasses: [], attribution: null, past });
    const told = recommendActions({
      ...{ risk: 0.9, threshold: 0.5, attribution: null, past: [] },
      expectedClasses: [{ class: "timeout", probability: 1 }],
    });
    expect(without).toEqual(told);
    expect(told.length).toBeGreaterThan(0);
  });
});
