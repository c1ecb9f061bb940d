import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FEATURE_GROUPS, type WindowObservation } from "../../../models/features/feature-spec.ts";
import { advance, advanceInPlace, createFeatureState, FEATURE_SPEC, vectorOf } from "../../../models/features/fold.ts";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";

const SIZE = 60_000;

function observation(index: number, partial: Partial<WindowObservation> = {}): WindowObservation {
  return {
    startMs: 1_700_000_040_000 + index * SIZE,
    windowSizeMs: SIZE,
    stats: stats({ requestCount: 100 }),
    failed: false,
    newFingerprintCount: 0,
    callers: null,
    fleet: { reportingCount: 4, failedCount: 0, onsetCount: 0, requestCount: 400, requestErrorCount: 4 },
    ...partial,
  };
}

function stats(partial: Partial<WindowStats>): WindowStats {
  return { ...emptyWindowStats(), ...partial };
}

function read(state: ReturnType<typeof createFeatureState>, name: string): number {
  const index = FEATURE_SPEC.features.findIndex((feature) => feature.name === name);
  if (index < 0) throw new Error(`no feature ${name}`);
  return vectorOf(state)[index]!;
}

const count = fc.integer({ min: 0, max: 500 });
const names = fc.constantFrom("db", "9000", "10", "__proto__", "cache", "_OTHER");
const counts = fc.dictionary(names, fc.integer({ min: 1, max: 50 }), { maxKeys: 4 });
const anyStats: fc.Arbitrary<WindowStats> = fc
  .record({
    requestCount: count,
    requestErrorCount: count,
    callCount: count,
    callErrorCount: count,
    warnLogCount: count,
    errorLogCount: count,
    errorCount: count,
    latencySketch: fc.constantFrom(null, "0;231*4,1,12*2", "1;"),
    versions: counts,
    instances: counts,
    fingerprints: counts,
    classes: fc.record({ timeout: count, crash: count }, { requiredKeys: [] }),
    callees: fc.dictionary(names, fc.record({ callCount: count, errorCount: count, durationSumMs: count }), {
      maxKeys: 4,
    }),
    gauges: fc.dictionary(
      fc.constantFrom("db.client.connection.utilization", "process.memory.usage", "queue.depth", "7"),
      fc.record({
        count: fc.integer({ min: 0, max: 9 }),
        sum: fc.double({ min: 0, max: 1e9, noNaN: true }),
        max: count,
      }),
    ),
  })
  .map(stats);
const anyHistory: fc.Arbitrary<WindowObservation[]> = fc
  .array(
    fc.record({
      gap: fc.constantFrom(1, 1, 1, 2, 90),
      stats: fc.option(anyStats),
      failed: fc.constantFrom(null, false, false, true),
      newFingerprintCount: fc.integer({ min: 0, max: 3 }),
      callers: fc.option(fc.record({ callCount: count, errorCount: count })),
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    let index = 0;
    return steps.map(({ gap, ...partial }) => {
      index += gap;
      return observation(index, partial);
    });
  });

describe("the feature spec", () => {
  it("names every feature once, in groups that operators know, with a unit and a description", () => {
    const features = FEATURE_SPEC.features;
    expect(new Set(features.map((feature) => feature.name)).size).toBe(features.length);
    expect(new Set(features.map((feature) => feature.group))).toEqual(new Set(FEATURE_GROUPS));
    for (const feature of features) {
      expect(feature.unit, feature.name).not.toBe("");
      expect(feature.description.length, feature.name).toBeGreaterThan(8);
      expect(feature.name).toMatch(/^[a-z0-9_.]+$/);
    }
  });

  it("has a hash", () => {
    expect(FEATURE_SPEC.hash).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("the feature fold", () => {
  it("gives the same vectors online, through stored JSON, as in a replay: bit for bit", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let replayed = createFeatureState();
        let stored = JSON.stringify(createFeatureState());
        for (const step of history) {
          replayed = advanceInPlace(replayed, step);
          // Observations too come from storage: JSON reorders keys that look like numbers.
          const online = advance(JSON.parse(stored), JSON.parse(JSON.stringify(step)));
          expect(new Uint32Array(vectorOf(online).buffer)).toEqual(new Uint32Array(vectorOf(replayed).buffer));
          stored = JSON.stringify(online);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("leaves the state that it was given as it was", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let state = createFeatureState();
        for (const step of history) {
          const before = JSON.stringify(state);
          const next = advance(state, step);
          expect(JSON.stringify(state)).toBe(before);
          state = next;
        }
      }),
      { numRuns: 30 },
    );
  });

  it("does not depend on the order of keys in a window's maps", () => {
    const callees = {
      b: { callCount: 3, errorCount: 1, durationSumMs: 0.1 },
      a: { callCount: 7, errorCount: 0, durationSumMs: 0.7 },
    };
    const reversed = Object.fromEntries(Object.entries(callees).reverse());
    const states = [callees, reversed].map((order) =>
      advance(createFeatureState(), observation(0, { stats: stats({ callCount: 10, callees: order }) })),
    );
    expect(states[0]).toEqual(states[1]);
    expect([...vectorOf(states[0]!)]).toEqual([...vectorOf(states[1]!)]);
  });

  it("knows nothing before the first window", () => {
    expect([...vectorOf(createFeatureState())].every(Number.isNaN)).toBe(true);
  });

  it("never gives an infinity", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const state = history.reduce(advance, createFeatureState());
        for (const value of vectorOf(state)) expect(Math.abs(value)).not.toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 60 },
    );
  });

  it("says unknown, not 0, about what a silent service did", () => {
    const state = advance(createFeatureState(), observation(0, { stats: null, failed: null }));
    for (const name of [
      "error.ratio.now",
      "latency.p95.now",
      "traffic.requests.now",
      "failure.share.h8",
      "callee.error_ratio.h4",
    ]) {
      expect(read(state, name), name).toBeNaN();
    }
    expect(read(state, "traffic.silence.h8")).toBe(1);
  });

  it("lets old news fade by its half-life", () => {
    const failing = stats({ requestCount: 100, requestErrorCount: 100 });
    let state = advance(createFeatureState(), observation(0, { stats: failing, failed: true }));
    for (let index = 1; index <= 2; index++) state = advance(state, observation(index));
    // Two windows later the first one weighs a half: 0.5 of 1 + 0.7071 + 0.5.
    expect(read(state, "error.ratio.h2")).toBeCloseTo(0.5 / (1 + 2 ** -0.5 + 0.5), 6);
    expect(read(state, "error.ratio.now")).toBe(0);
  });

  it("treats a gap as windows without news", () => {
    const first = advance(createFeatureState(), observation(0, { failed: false }));
    const silent = [1, 2, 3].reduce(
      (state, index) => advance(state, observation(index, { stats: null, failed: null })),
      first,
    );
    const afterSilence = advance(silent, observation(4, { failed: true }));
    const afterGap = advance(first, observation(4, { failed: true }));
    for (const name of ["failure.onsets.h8", "failure.share.h32", "failure.onset.since", "error.ratio.h8"]) {
      expect(read(afterGap, name), name).toBeCloseTo(read(afterSilence, name), 6);
    }
  });

  it("counts an onset once, measures the outage and the time since", () => {
    const failed = [false, true, true, true, false, false];
    const state = failed.reduce(
      (s, value, index) => advance(s, observation(index, { failed: value })),
      createFeatureState(),
    );
    expect(read(state, "failure.onsets.total")).toBe(1);
    expect(read(state, "failure.length.last")).toBe(3);
    expect(read(state, "failure.since")).toBe(2);
    expect(read(state, "failure.onset.since")).toBe(5);
  });

  it("ignores a window that it has folded already", () => {
    const state = advance(createFeatureState(), observation(5));
    expect(advance(state, observation(5, { failed: true }))).toEqual(state);
    expect(advance(state, observation(4, { failed: true }))).toEqual(state);
  });

  it("sees a pool fill up and memory grow against their usual level", () => {
    let state = createFeatureState();
    for (let index = 0; index < 60; index++) {
      const used = index < 50 ? 2 : 2 + (index - 49);
      const gauges = {
        "db.client.connection.count": { count: 1, sum: used, max: used },
        "process.memory.usage": { count: 2, sum: 2e8 * (1 + index / 60), max: 3e8 },
      };
      state = advance(state, observation(index, { stats: stats({ requestCount: 100, gauges }) }));
    }
    expect(read(state, "saturation.pool.growth.h2_h16")).toBeGreaterThan(1.4);
    expect(read(state, "saturation.memory.growth.h16_h128")).toBeGreaterThan(1.02);
    expect(read(state, "saturation.pool.now")).toBe(12);
  });

  it("sees a new version and a restart, but not the first ones", () => {
    const at = (index: number, version: string, instance: string) =>
      observation(index, {
        stats: stats({ requestCount: 1, versions: { [version]: 1 }, instances: { [instance]: 1 } }),
      });
    let state = advance(createFeatureState(), at(0, "1.0", "a"));
    expect(read(state, "change.version.since")).toBeNaN();
    state = advance(state, at(1, "1.1", "b"));
    state = advance(state, at(2, "1.1", "b"));
    expect(read(state, "change.version.since")).toBe(1);
    expect(read(state, "change.instance.since")).toBe(1);
    expect(read(state, "change.starts.h32")).toBeGreaterThan(0);
  });

  it("tells a major release from a patch, and a roll back from both", () => {
    const versions = ["1.4.2", "1.4.3", "2.0.0", "1.4.3", "2.0.0"];
    const states = versions.map((_, last) =>
      versions
        .slice(0, last + 1)
        .reduce(
          (state, version, index) =>
            advance(state, observation(index, { stats: stats({ versions: { [version]: 1 } }) })),
          createFeatureState(),
        ),
    );
    const since = (index: number, part: string) => read(states[index]!, `change.version.${part}.since`);
    expect(since(0, "patch")).toBeNaN();
    expect(since(1, "patch")).toBe(0);
    expect(since(1, "major")).toBeNaN();
    expect(since(2, "major")).toBe(0);
    expect(since(2, "patch")).toBe(1);
    expect(since(4, "major")).toBe(2);
  });

  it("remembers when a service last showed each class of error", () => {
    const shown = [{ timeout: 2 }, { crash: 1 }, {}];
    const state = shown.reduce(
      (s, classes, index) => advance(s, observation(index, { stats: stats({ classes }) })),
      createFeatureState(),
    );
    expect(read(state, "error.since.timeout")).toBe(2);
    expect(read(state, "error.since.crash")).toBe(1);
    expect(read(state, "error.since.conflict")).toBeNaN();
  });

  it("follows a load that moves by an hour when clocks change, within days", () => {
    const hour = 3_600_000;
    // Busy from 9 to 17 by a clock that is put forward after two weeks.
    let state = createFeatureState();
    const afterChange: number[] = [];
    for (let index = 0; index < 24 * 28; index += 1) {
      const localHour = (index + (index >= 24 * 14 ? 1 : 0)) % 24;
      const requestCount = localHour >= 9 && localHour < 17 ? 100 : 10;
      const at = { startMs: 1_773_532_800_000 + index * hour, windowSizeMs: hour };
      state = advance(state, { ...observation(0), ...at, stats: stats({ requestCount }) });
      if (localHour === 9) afterChange.push(read(state, "traffic.requests.of_hour_of_day"));
    }
    expect(afterChange[13]).toBeCloseTo(1, 6);
    expect(afterChange[14]).toBeGreaterThan(5);
    expect(afterChange.at(-1)).toBeLessThan(1.5);
  });

  it("remembers at which time of day a service fails", () => {
    const hour = 3_600_000;
    let state = createFeatureState();
    for (let index = 0; index < 24 * 10; index++) {
      state = advance(state, {
        ...observation(0),
        startMs: 1_699_920_000_000 + index * hour,
        windowSizeMs: hour,
        failed: index % 24 === 3,
      });
      if (index === 24 * 9 + 2) expect(read(state, "time.onsets.next_1h")).toBe(1);
      if (index === 24 * 9 + 9) expect(read(state, "time.onsets.next_1h")).toBe(0);
    }
  });
});
