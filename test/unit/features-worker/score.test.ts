import { describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import type { ModelSession } from "../../../models/model-session.ts";
import { identityCalibration } from "../../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { type ScoreDeps, scoreServices } from "../../../services/features/close/score.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const SIZE_MS = 60_000;
const WIDTH = FEATURE_SPEC.features.length;
const EDGES = [1, 5, 15];

/** Row n's hazards all have the logit n - 3. */
const session: ModelSession = {
  run: async (feeds) => {
    const rows = feeds.features?.dims[0] ?? 0;
    const logits = Float32Array.from(
      { length: rows * EDGES.length },
      (_, index) => Math.floor(index / EDGES.length) - 3,
    );
    return { hazard_logits: { data: logits, dims: [rows, EDGES.length] } };
  },
};
const manifest: PredictorManifest = {
  ...{ kind: "failure-predictor", format: 2, specHash: FEATURE_SPEC.hash, windowSizeMs: SIZE_MS },
  ...{ members: 1, edges: EDGES, classes: [], expected: new Array<null>(WIDTH).fill(null) },
  scaler: {
    ...{ featureCount: WIDTH, width: 1 },
    features: [{ feature: 0, transform: "linear", unit: 1, mean: 0, deviation: 1, maskColumn: null }],
  },
  calibration: identityCalibration(EDGES.length),
  uncertainty: { calibrationDeviation: 0, spreadScale: 1 },
};

function deps(
  served: Partial<{ manifest: PredictorManifest; session: ModelSession }> | null,
): ScoreDeps & { fallbacks: number } {
  const self = {
    predictor: () =>
      served === null
        ? ({ state: "empty" } as const)
        : ({
            state: "ready",
            refused: null,
            version: "7",
            source: "registry",
            card: "",
            manifest,
            session,
            ...served,
          } as const),
    ...{ windowSizeMs: SIZE_MS, horizonsMs: [5 * SIZE_MS, 15 * SIZE_MS], primaryHorizonMs: 15 * SIZE_MS },
    ...{ logger: silentLogger, fallbacks: 0 },
    onFallback: () => {
      self.fallbacks++;
    },
  };
  return self;
}

const rows = [1, 2].map((serviceId) => ({ serviceId, vector: new Float32Array(WIDTH), failed: false }));
const baseRates = async () => ({
  fleet: { onsets: 1, windows: 1_000 },
  serviceOf: (id: number) => (id === 1 ? { onsets: 5, windows: 100 } : { onsets: 0, windows: 0 }),
});

describe("scoring the services at the end of a window", () => {
  it("takes the champion's word for all of them in one run", async () => {
    const noRates = () => Promise.reject(new Error("base rates were asked for"));
    const scores = await scoreServices(rows, 1_000, noRates, deps({}));
    expect(scores.map(({ modelVersion, state }) => [modelVersion, state])).toEqual([
      ["7", "ready"],
      ["7", "ready"],
    ]);
    const [safe, risky] = scores.map(({ horizons }) => horizons.map((one) => one.probability));
    expect(safe![1]).toBeGreaterThan(safe![0]!);
    expect(risky![0]).toBeGreaterThan(safe![0]!);
    expect(scores[0]?.horizons.map((one) => one.horizonMs)).toEqual([5 * SIZE_MS, 15 * SIZE_MS]);
  });

  it.each([
    ["there is no champion", null],
    ["the champion reads other features", { manifest: { ...manifest, specHash: "other" } }],
    ["the champion knows other windows", { manifest: { ...manifest, windowSizeMs: 1 } }],
  ])("answers with base rates when %s", async (_, served) => {
    const scores = await scoreServices(rows, 1_000, baseRates, deps(served));
    expect(scores.map(({ modelName, modelVersion, state }) => [modelName, modelVersion, state])).toEqual([
      ["base-rate", null, "warming"],
      ["base-rate", null, "prior"],
    ]);
    expect(scores[0]!.horizons[1]!.probability).toBeGreaterThan(scores[1]!.horizons[1]!.probability);
    expect(scores[1]!.horizons[0]!.probability).toBeGreaterThan(0);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("out of memory"))],
    [
      "answers with no numbers",
      async () => ({ hazard_logits: { data: new Float32Array(6).fill(Number.NaN), dims: [2, 3] } }),
    ],
  ])("answers with base rates when the champion %s, and counts it", async (_, run) => {
    const broken = deps({ session: { run } });
    const scores = await scoreServices(rows, 1_000, baseRates, broken);
    expect(scores.map((score) => score.modelVersion)).toEqual([null, null]);
    expect(broken.fallbacks).toBe(1);
  });
});
