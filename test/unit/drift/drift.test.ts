import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adwinMean, createAdwin, observe } from "../../../models/drift/adwin.ts";
import { fitReferences, groupDrift, stabilityIndex } from "../../../models/drift/population-stability.ts";
import type { FeatureSpec } from "../../../models/features/feature-spec.ts";

/** Deterministic uniform numbers, a linear congruential generator. */
function uniforms(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

describe("population stability index", () => {
  const [reference] = fitReferences(uniforms(2000, 1), 1);

  it("is near 0 for the same distribution, whatever the sample's size", () => {
    for (const size of [50, 200, 5000]) expect(stabilityIndex(reference!, uniforms(size, 2))).toBeLessThan(0.1);
  });

  it("exceeds the drift mark when the distribution moves", () => {
    const moved = uniforms(500, 3).map((value) => 0.5 + value / 2);
    expect(stabilityIndex(reference!, moved)).toBeGreaterThan(0.25);
  });

  it("sees values that went missing", () => {
    const gone = uniforms(500, 4).map((value, index) => (index % 2 === 0 ? Number.NaN : value));
    expect(stabilityIndex(reference!, gone)).toBeGreaterThan(0.25);
  });

  it("names the worst feature of each group and stays silent about groups without features", () => {
    const spec: FeatureSpec = {
      hash: "",
      features: [
        { name: "steady", unit: "1", group: "latency", description: "" },
        { name: "moved", unit: "1", group: "latency", description: "" },
      ],
    };
    const then = uniforms(1000, 5);
    const now = then.map((value, index) => (index % 2 === 1 ? value + 2 : value));
    const drift = groupDrift(spec, fitReferences(then, 2), now);
    expect(drift.find((entry) => entry.group === "latency")).toMatchObject({ feature: "moved" });
    expect(drift.find((entry) => entry.group === "fleet")).toEqual({
      group: "fleet",
      index: Number.NaN,
      feature: null,
    });
  });
});

describe("ADWIN", () => {
  const run = (values: Iterable<number>) => {
    let state = createAdwin();
    let alarms = 0;
    for (const value of values) {
      const step = observe(state, value);
      state = step.state;
      if (step.drifted) alarms++;
    }
    return { state, alarms };
  };

  it("keeps everything while the mean holds still", () => {
    const { state, alarms } = run(uniforms(3000, 7));
    expect(alarms).toBe(0);
    expect(adwinMean(state).count).toBe(3000);
  });

  it("drops what came before a jump, soon after it", () => {
    const before = [...uniforms(1000, 8)].map((value) => (value < 0.1 ? 1 : 0));
    const after = [...uniforms(200, 9)].map((value) => (value < 0.6 ? 1 : 0));
    const { state, alarms } = run([...before, ...after]);
    expect(alarms).toBeGreaterThan(0);
    expect(adwinMean(state).count).toBeLessThan(300);
    expect(adwinMean(state).mean).toBeGreaterThan(0.4);
  });

  it("loses no item to its histogram while it does not cut, and survives JSON", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0.5), { maxLength: 200 }), (values) => {
        const { state } = run(values);
        const mean = adwinMean(JSON.parse(JSON.stringify(state)));
        expect(mean.count).toBe(values.length);
        if (values.length > 0) expect(mean.mean).toBe(0.5);
      }),
    );
  });
});
