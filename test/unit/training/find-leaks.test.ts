import { describe, expect, it } from "vitest";
import type { FeatureGroup, FeatureSpec } from "../../../models/features/feature-spec.ts";
import type { TrainingRows } from "../../../training/fit/training-rows.ts";
import { findLeaks } from "../../../training/gate/find-leaks.ts";
import { createRandom } from "../../../training/random.ts";

const HORIZON = 15;
const FAILURES = 12;
const GAP = 60;

/** One service that fails every `GAP` windows, and one feature of it. */
function find(feature: (toOnset: number, uniform: () => number) => number, group: FeatureGroup = "latency"): string[] {
  const random = createRandom(6);
  const n = FAILURES * GAP;
  const toOnset = Float32Array.from({ length: n }, (_, row) => GAP - (row % GAP));
  const all = Int32Array.from({ length: n }, (_, row) => row);
  const half = n / 2;
  const rows: TrainingRows = {
    vectors: Float32Array.from(toOnset, (distance) => feature(distance, random.uniform)),
    atMs: Float64Array.from(all, (row) => row * 1_000),
    entity: new Int32Array(n),
    windowsToOnset: toOnset,
    observedWindows: new Float32Array(n).fill(GAP),
    split: { train: all.slice(0, half / 2), calibration: all.slice(half / 2, half), validation: all.slice(half) },
  };
  const judged = rows.split.validation;
  const spec: FeatureSpec = { hash: "", features: [{ name: "it", unit: "1", group, description: "" }] };
  return findLeaks(
    rows,
    {
      rows: judged,
      outcome: Float32Array.from(judged, (row) => (toOnset[row]! <= HORIZON ? 1 : 0)),
      cluster: judged.map((row) => Math.floor(row / HORIZON)),
    },
    spec,
    { windows: HORIZON, windowSizeMs: 1_000 },
  );
}

describe("a leak", () => {
  it.each<[string, (toOnset: number, uniform: () => number) => number]>([
    ["knows the label", (left) => (left <= HORIZON ? 1 : 0)],
    ["knows it turned round", (left) => (left <= HORIZON ? 0 : 1)],
    ["is missing just then", (left) => (left <= HORIZON ? Number.NaN : 5)],
    ["is wrong now and then", (left, uniform) => (left <= HORIZON === uniform() > 0.03 ? 1 : 0)],
    ["counts the time that is left", (left) => left],
  ])("is a feature that %s", (_, feature) => {
    expect(find(feature)).toEqual(["it"]);
  });

  it.each<[string, (toOnset: number, uniform: () => number) => number]>([
    ["rises towards the failure", (left, uniform) => Math.max(0, 12 - left) + uniform()],
    ["rises from before the horizon on, with noise", (left, uniform) => Math.max(0, 25 - left) + 12 * uniform()],
    ["tells nothing", (_, uniform) => uniform()],
    ["never changes", () => 1],
  ])("is no feature that %s", (_, feature) => {
    expect(find(feature)).toEqual([]);
  });

  it("is not looked for at the edge in what may know when failures are due", () => {
    // Two mistakes far from the edge: it does not tell every outcome.
    const byTheClock = (left: number, uniform: () => number) =>
      left === 40 && uniform() < 0.5 ? 1 : left <= HORIZON ? 1 : 0;
    expect(find(byTheClock, "time_of_day")).toEqual([]);
    expect(find(byTheClock, "latency")).toEqual(["it"]);
  });
});
