import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Candidate, rankCandidates } from "../../../services/inference/feedback/rank-candidates.ts";

const NOW = Date.UTC(2026, 0, 31);
const DAY = 86_400_000;

const candidate = (changes: Partial<Candidate>): Candidate => ({
  fingerprint: "f",
  class: "timeout",
  probability: 0.9,
  abstained: false,
  seenCount: 10,
  firstSeenMs: NOW - DAY,
  lastSeenMs: NOW,
  ...changes,
});

const order = (candidates: Candidate[]): string[] =>
  rankCandidates(candidates, NOW).map((ranked) => ranked.candidate.fingerprint);

describe("the feedback queue", () => {
  it("asks first about what Harbinger abstains on, then about what it is unsure of", () => {
    expect(
      order([
        candidate({ fingerprint: "sure", probability: 0.99 }),
        candidate({ fingerprint: "abstained", abstained: true, class: "unknown", probability: 0.4 }),
        candidate({ fingerprint: "unsure", probability: 0.6 }),
      ]),
    ).toEqual(["abstained", "unsure", "sure"]);
  });

  it("asks about the frequent before the rare, and the new before the old", () => {
    expect(
      order([candidate({ fingerprint: "rare", seenCount: 1 }), candidate({ fingerprint: "often", seenCount: 900 })]),
    ).toEqual(["often", "rare"]);
    expect(
      order([
        candidate({ fingerprint: "old", firstSeenMs: NOW - 60 * DAY }),
        candidate({ fingerprint: "new", firstSeenMs: NOW }),
      ]),
    ).toEqual(["new", "old"]);
  });

  it("says why", () => {
    const [ranked] = rankCandidates([candidate({ abstained: true, seenCount: 12, firstSeenMs: NOW - 3 * DAY })], NOW);
    expect(ranked?.why).toBe("Harbinger abstains on it; seen 12 times, known for 3 days.");
  });

  it("gives factors in (0, 1] whose product is the score, in an order that does not depend on the input's", () => {
    const arbitrary = fc.uniqueArray(
      fc.record({
        fingerprint: fc.string({ minLength: 4, maxLength: 8 }),
        class: fc.constant("timeout" as const),
        probability: fc.double({ min: 0, max: 1, noNaN: true }),
        abstained: fc.boolean(),
        seenCount: fc.nat(),
        firstSeenMs: fc.integer({ min: NOW - 90 * DAY, max: NOW + DAY }),
        lastSeenMs: fc.constant(NOW),
      }),
      { selector: ({ fingerprint }) => fingerprint, maxLength: 20 },
    );
    fc.assert(
      fc.property(arbitrary, (candidates) => {
        const ranked = rankCandidates(candidates, NOW);
        for (const { score, uncertainty, frequency, novelty } of ranked) {
          for (const factor of [uncertainty, frequency, novelty]) {
            expect(factor).toBeGreaterThan(0);
            expect(factor).toBeLessThanOrEqual(1);
          }
          expect(score).toBe(uncertainty * frequency * novelty);
        }
        expect(order([...candidates].reverse())).toEqual(order(candidates));
      }),
    );
  });
});
