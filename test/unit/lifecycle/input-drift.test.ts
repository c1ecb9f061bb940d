import { describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { fitInputReference, inputDrift } from "../../../models/lifecycle/input-drift.ts";
import { createRandom } from "../../../training/random.ts";
import { syntheticHistory } from "../../helpers/synthetic-history.ts";

const WIDTH = FEATURE_SPEC.features.length;
/** Features whose level stays what it is: no running totals, no clocks. */
const READ = FEATURE_SPEC.features.flatMap(({ group }, feature) =>
  ["error_level", "latency", "error_trend"].includes(group) ? [feature] : [],
);

function rowsOf(windows: { from: number; to: number }, seed = 7) {
  const { services } = syntheticHistory({ services: 8, windows: 1_600, windowSizeMs: 1_000, seed });
  const rows = services.flatMap(({ vectors }) => vectors.slice(windows.from, windows.to));
  rows.sort((a, b) => a.atMs - b.atMs);
  const vectors = new Float32Array(rows.length * WIDTH);
  rows.forEach(({ vector }, row) => {
    vectors.set(vector, row * WIDTH);
  });
  return { vectors, atMs: Float64Array.from(rows, ({ atMs }) => atMs), list: rows.map(({ vector }) => vector) };
}

const past = rowsOf({ from: 200, to: 1_000 });
const reference = fitInputReference(past.vectors, past.atMs, WIDTH, READ)!;
const later = rowsOf({ from: 1_200, to: 1_300 }).list;

describe("input drift", () => {
  it("is not seen in the next stretch of the same life, whatever is sampled of it", () => {
    for (const step of [1, 2, 5, 13]) {
      const sample = later.filter((_, row) => row % step === 0);
      expect(inputDrift(reference, FEATURE_SPEC, sample).filter(({ drifting }) => drifting)).toEqual([]);
    }
  });

  it("is seen where a group moves, by name, and is not put down to others", () => {
    const slower = later.map((vector) =>
      vector.map((value, feature) => (FEATURE_SPEC.features[feature]!.group === "latency" ? 3 * value + 100 : value)),
    );
    for (const step of [1, 10]) {
      const drift = inputDrift(
        reference,
        FEATURE_SPEC,
        slower.filter((_, row) => row % step === 0),
      );
      expect(drift.filter(({ drifting }) => drifting).map(({ group }) => group)).toEqual(["latency"]);
      const latency = drift.find(({ group }) => group === "latency")!;
      expect(FEATURE_SPEC.features.find(({ name }) => name === latency.feature)?.group).toBe("latency");
      expect(latency.index).toBeGreaterThan(latency.threshold);
    }
  });

  it("is seen when values go missing", () => {
    const random = createRandom(1);
    const gone = later.map((vector) => vector.map((value) => (random.uniform() < 0.6 ? Number.NaN : value)));
    expect(inputDrift(reference, FEATURE_SPEC, gone).some(({ drifting }) => drifting)).toBe(true);
  });

  it("knows nothing of a short past or a handful of rows, and survives JSON", () => {
    const short = rowsOf({ from: 0, to: 20 });
    expect(fitInputReference(short.vectors, short.atMs, WIDTH, READ)).toBeNull();
    expect(inputDrift(reference, FEATURE_SPEC, later.slice(0, 10))).toEqual([]);
    expect(JSON.parse(JSON.stringify(reference))).toEqual(reference);
  });
});
