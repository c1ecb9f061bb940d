import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { predict } from "../../../models/predictor/predict.ts";
import { createSession } from "../../../services/platform/serving/onnx-session.ts";
import type { StoreHistory } from "../../../training/dataset/history.ts";
import { judge } from "../../../training/gate/gate.ts";
import { buildPredictorCandidate } from "../../../training/predictor-candidate.ts";
import type { TrainingSettings } from "../../../training/settings.ts";
import { syntheticHistory } from "../../helpers/synthetic-history.ts";

const SETTINGS: TrainingSettings = {
  model: "failure-predictor",
  windowSizeMs: 1000,
  horizonMs: 15_000,
  horizonsMs: [15_000],
  throughMs: Number.MAX_SAFE_INTEGER,
  seed: 1,
  epochs: 12,
  ensembleSize: 3,
  minExamples: 200,
  gate: { minAccuracy: 0.85, maxCalibrationError: 0.05 },
  promotesTo: "champion",
  requestedBy: "test",
};
const silently = async () => {};

async function candidateOf(history: StoreHistory, settings = SETTINGS) {
  const built = await buildPredictorCandidate(history, settings, silently);
  if ("refused" in built) throw new Error(`refused: ${built.refused.reason}`);
  // The candidate was built by the predictor's own builder.
  return { ...built, manifest: built.manifest as PredictorManifest };
}

describe("a failure predictor from a small fleet's past", () => {
  const history = syntheticHistory({ services: 8, windows: 280, windowSizeMs: 1000, seed: 14 });

  const once = candidateOf(history);

  it("knows more than the base rate, and tells the plain models' scores beside its own", async () => {
    const built = await once;
    expect(built.gateInput.brierSkill).toBeGreaterThan(0.2);
    expect(built.gateInput.leaks).toEqual([]);
    expect(built.metrics).toMatchObject({
      validation: { network: { auc: expect.any(Number) }, logistic: { auc: expect.any(Number) } },
      dataset: { slices: [{ slice: "train" }, { slice: "calibration" }, { slice: "validation" }] },
    });
  });

  it("is the same to the byte for the same seed, with the same dataset hash, and leaves no tensor behind", async () => {
    const first = await once;
    const before = tf.memory().numTensors;
    const second = await candidateOf(history);
    expect(Buffer.from(first.onnx).equals(second.onnx)).toBe(true);
    expect(first.manifest).toEqual(second.manifest);
    expect(first.datasetHash).toBe(second.datasetHash);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("answers in [0, 1] for every row, for rows without a single known feature, and for absurd ones", async () => {
    const { manifest, onnx } = await once;
    const session = await createSession(onnx);
    const width = FEATURE_SPEC.features.length;
    const rows = [
      ...history.services.flatMap((service) => service.vectors.slice(0, 20).map((entry) => entry.vector)),
      new Float32Array(width).fill(Number.NaN),
      new Float32Array(width).fill(1e30),
      new Float32Array(width).fill(-1e30),
    ];
    for (const { horizons } of await predict(session, manifest, rows, [1, 5, 15, 60])) {
      for (const { probability, lower, upper } of horizons) {
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
        expect(lower).toBeLessThanOrEqual(probability);
        expect(upper).toBeGreaterThanOrEqual(probability);
      }
    }
    await session.release();
  });

  it("ties with itself as the champion, and cannot be compared with one of another window size", async () => {
    const built = await once;
    const same = await built.compare({ version: "1", manifest: built.manifest, onnx: built.onnx });
    expect(same.logLossDifference).toBe(0);
    const other = { ...built.manifest, windowSizeMs: 5000 };
    await expect(built.compare({ version: "1", manifest: other, onnx: built.onnx })).rejects.toThrow("5000");
  });

  it("is rejected when a feature has seen the future", async () => {
    const column = FEATURE_SPEC.features.findIndex((feature) => feature.name.startsWith("error.ratio"));
    const leaky: StoreHistory = {
      ...history,
      services: history.services.map((service) => ({
        ...service,
        vectors: service.vectors.map(({ atMs, vector }) => {
          const soon = service.windows.some((w) => w.failed === true && w.startMs >= atMs && w.startMs < atMs + 15_000);
          return { atMs, vector: vector.with(column, soon ? 1 : 0) };
        }),
      })),
    };
    const built = await candidateOf(leaky);
    const verdict = judge({ ...built.gateInput, champion: null }, { ...SETTINGS.gate, minRows: 100 });
    expect(verdict.passed).toBe(false);
    expect(verdict.reason).toContain(FEATURE_SPEC.features[column]!.name);
  });

  it("is refused when no feature tells anything", async () => {
    const blind: StoreHistory = {
      ...history,
      services: history.services.map((service) => ({
        ...service,
        vectors: service.vectors.map(({ atMs }) => ({
          atMs,
          vector: new Float32Array(FEATURE_SPEC.features.length).fill(1),
        })),
      })),
    };
    const built = await buildPredictorCandidate(blind, SETTINGS, silently);
    expect("refused" in built && built.refused.reason).toContain("not enough variety");
  });

  it.each([
    ["no history at all", { windowSizeMs: 1000, everyWindows: 1, services: [] }, "not enough examples: 0"],
    [
      "a minute of it",
      syntheticHistory({ services: 2, windows: 60, windowSizeMs: 1000, seed: 1 }),
      "not enough examples",
    ],
    [
      "a past without failures",
      syntheticHistory({ services: 8, windows: 100, windowSizeMs: 1000, seed: 1, failures: 0 }),
      "not enough failures: 0",
    ],
  ])("is refused, not crashed, for %s", async (_, past, reason) => {
    const built = await buildPredictorCandidate(past, SETTINGS, silently);
    expect("refused" in built && built.refused.reason).toContain(reason);
  });
});
