import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AFFECTED_SERVICES,
  FAULT_KINDS,
  planEpisodes,
  type ScheduleOptions,
} from "../../../datasets/shop/fault-schedule.ts";

const range = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: 0, max: 10_000 }))
    .map(([from, width]) => [from, from + width] as const);

const options: fc.Arbitrary<ScheduleOptions> = fc.record({
  seed: fc.integer(),
  regions: fc.uniqueArray(fc.stringMatching(/^[a-z]{2}$/), { minLength: 1, maxLength: 4 }),
  durationMs: fc.integer({ min: 0, max: 600_000 }),
  healthyMs: range(3_000, 30_000),
  buildUpMs: range(3_000, 30_000),
  holdMs: range(1_000, 10_000),
  kinds: fc.subarray([...FAULT_KINDS], { minLength: 1 }),
});

const demo: Omit<ScheduleOptions, "seed"> = {
  regions: ["eu", "us", "ap"],
  durationMs: 100_000,
  healthyMs: [8_000, 14_000],
  buildUpMs: [10_000, 15_000],
  holdMs: [4_000, 6_000],
};

describe("a fault schedule", () => {
  it("is the same for the same seed and another for another", () => {
    fc.assert(
      fc.property(options, (chosen) => {
        expect(planEpisodes(chosen)).toEqual(planEpisodes(chosen));
      }),
    );
    expect(planEpisodes({ ...demo, seed: 1 })).not.toEqual(planEpisodes({ ...demo, seed: 2 }));
  });

  it("keeps healthy time before every episode of a region and ends within the duration", () => {
    fc.assert(
      fc.property(options, (chosen) => {
        const episodes = planEpisodes(chosen);
        for (const region of chosen.regions) {
          let healthySince = 0;
          for (const episode of episodes.filter((one) => one.region === region)) {
            expect(episode.startMs - healthySince).toBeGreaterThanOrEqual(chosen.healthyMs[0]);
            expect(episode.endMs).toBeLessThanOrEqual(chosen.durationMs);
            healthySince = episode.endMs;
          }
        }
      }),
    );
  });

  it("gives every fault but a kill its time to build up, and only faults that the service can have", () => {
    fc.assert(
      fc.property(options, (chosen) => {
        for (const { kind, service, startMs, buildUpMs, holdMs, endMs } of planEpisodes(chosen)) {
          expect(chosen.kinds).toContain(kind);
          expect(AFFECTED_SERVICES[kind]).toContain(service);
          if (kind === "kill") expect(buildUpMs).toBe(0);
          else expect(buildUpMs).toBeGreaterThanOrEqual(chosen.buildUpMs[0]);
          expect(holdMs).toBeGreaterThanOrEqual(chosen.holdMs[0]);
          expect(endMs).toBe(startMs + buildUpMs + holdMs);
        }
      }),
    );
  });

  it("is ordered by start", () => {
    fc.assert(
      fc.property(options, (chosen) => {
        const starts = planEpisodes(chosen).map(({ startMs }) => startMs);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
      }),
    );
  });

  it("has, as the demo asks for it, at least eight episodes, and every kind, for any seed", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const episodes = planEpisodes({ ...demo, seed });
        expect(episodes.length).toBeGreaterThanOrEqual(8);
        expect(new Set(episodes.map(({ kind }) => kind)).size).toBe(FAULT_KINDS.length);
      }),
    );
  });

  it("refuses a schedule without any kind of fault", () => {
    expect(() => planEpisodes({ ...demo, seed: 1, kinds: [] })).toThrow(RangeError);
  });
});
