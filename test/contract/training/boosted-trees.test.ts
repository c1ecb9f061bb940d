import { beforeAll, describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { HAZARD_EDGES } from "../../../models/predictor/edges.ts";
import { createSession } from "../../../services/platform/serving/onnx-session.ts";
import { exportPredictor } from "../../../training/export/export-predictor.ts";
import { type BoostOptions, boostedScores, fitBoosted } from "../../../training/fit/fit-boosted.ts";
import { fitHazard, type HazardRows } from "../../../training/fit/fit-hazard.ts";
import { fitHazardPredictor } from "../../../training/fit/fit-predictor.ts";
import { hazardTargets } from "../../../training/fit/hazard-targets.ts";
import type { TrainingRows } from "../../../training/fit/training-rows.ts";
import { createRandom } from "../../../training/random.ts";
import { selectBackend } from "../../../training/tf/backend.ts";

const WIDTH = 5;
const BUCKETS = HAZARD_EDGES.length;
const COVERED = 4;
const OPTIONS: BoostOptions = {
  width: WIDTH,
  buckets: BUCKETS,
  covered: COVERED,
  trees: 60,
  leaves: 8,
  minCurvature: 1,
  penalty: 1,
  learningRate: 0.2,
  columnShare: 0.4,
  seed: 3,
};

/** Failures come only where the first input is high and the second one low: a step and an interaction, no slope. */
const isDangerous = (first: number, second: number): boolean => first > 0.5 && second < 0;

function steppedRows(n: number, seed: number): HazardRows {
  const random = createRandom(seed);
  const x = Float32Array.from({ length: n * WIDTH }, () => random.normal());
  const onset = Float32Array.from({ length: n }, (_, row) => {
    const hazard = isDangerous(x[row * WIDTH]!, x[row * WIDTH + 1]!) ? 0.3 : 0.01;
    return 1 + Math.floor(Math.log(random.uniform()) / Math.log(1 - hazard));
  });
  return {
    n,
    x,
    ...hazardTargets(onset, new Float32Array(n).fill(2000), HAZARD_EDGES),
    weight: new Float32Array(n).fill(1),
    cluster: Int32Array.from({ length: n }, (_, row) => row),
    classes: null,
  };
}

beforeAll(async () => {
  await selectBackend();
});

describe("boosted trees", () => {
  it("find a step and an interaction, and the hazards on both sides of it", () => {
    const boosted = fitBoosted(steppedRows(6000, 1), steppedRows(2000, 2), { ...OPTIONS, minCurvature: 5, penalty: 5 });
    const x = Float32Array.of(1.2, -0.8, 0, 0, 0, 1.2, 0.8, 0, 0, 0, -0.5, -0.8, 0, 0, 0);
    const hazards = [...boostedScores(boosted, x, WIDTH)].map((score) => 1 / (1 + Math.exp(-boosted.bias[0]! - score)));
    expect(hazards[0]).toBeGreaterThan(0.2);
    expect(hazards[0]).toBeLessThan(0.42);
    expect(hazards[1]).toBeLessThan(0.04);
    expect(hazards[2]).toBeLessThan(0.04);
  });

  it("stop where later rows get no better, at once when there is nothing to learn", () => {
    const noise = (seed: number): HazardRows => ({ ...steppedRows(1500, seed), x: steppedRows(1500, seed + 50).x });
    expect(fitBoosted(noise(1), noise(2), OPTIONS).trees.length).toBeLessThan(10);
    const constant = { ...steppedRows(500, 1), x: new Float32Array(500 * WIDTH) };
    expect(fitBoosted(constant, null, OPTIONS).trees).toEqual([]);
  });

  it("leave no leaf with less curvature than asked for", () => {
    const rows = steppedRows(3000, 1);
    const { trees } = fitBoosted(rows, null, { ...OPTIONS, minCurvature: 1e6 });
    expect(trees.every((tree) => tree.length === 1)).toBe(true);
  });

  it("are the same for the same rows and seed, and others for another seed", () => {
    const rows = steppedRows(1000, 1);
    expect(fitBoosted(rows, null, OPTIONS)).toEqual(fitBoosted(rows, null, OPTIONS));
    expect(fitBoosted(rows, null, OPTIONS)).not.toEqual(fitBoosted(rows, null, { ...OPTIONS, seed: 4 }));
  });

  it("are averaged with the network up to the horizon, in ONNX Runtime as in plain arithmetic", async () => {
    const rows = steppedRows(800, 1);
    const members = 2;
    const { weights } = await fitHazard(rows, {
      ...{ width: WIDTH, buckets: BUCKETS, classes: 3, members, hidden: 4, epochs: 2, batchSize: 128 },
      ...{ learningRate: 0.01, dropout: 0, seed: 1 },
      penalty: { shared: 1, deviation: 1, hidden: 1, out: 1, classes: 1 },
    });
    const boosted = fitBoosted(rows, null, { ...OPTIONS, trees: 20 });
    const run = async (onnx: Uint8Array): Promise<Float32Array> => {
      const session = await createSession(onnx);
      try {
        return (await session.run({ features: { data: rows.x, dims: [rows.n, WIDTH] } })).hazard_logits!.data;
      } finally {
        await session.release();
      }
    };
    const alone = await run(exportPredictor(weights));
    const mixed = await run(exportPredictor(weights, { boosted, share: 0.25 }));
    const scores = boostedScores(boosted, rows.x, WIDTH);
    mixed.forEach((logit, index) => {
      const bucket = index % BUCKETS;
      const row = Math.floor(index / (members * BUCKETS));
      const expected =
        bucket < COVERED ? 0.75 * alone[index]! + 0.25 * (boosted.bias[bucket]! + scores[row]!) : alone[index]!;
      expect(Math.abs(logit - expected)).toBeLessThan(1e-4);
    });
  });
});

describe("the fit of both voices", () => {
  /** Two features carry what `steppedRows` has in its first two inputs. */
  function manyRows(n: number): TrainingRows {
    const random = createRandom(9);
    const width = FEATURE_SPEC.features.length;
    const vectors = new Float32Array(n * width).fill(Number.NaN);
    const windowsToOnset = new Float32Array(n);
    for (let row = 0; row < n; row += 1) {
      const [first, second] = [random.normal(), random.normal()];
      vectors[row * width] = first;
      vectors[row * width + 1] = second;
      const hazard = isDangerous(first, second) ? 0.3 : 0.01;
      const onset = 1 + Math.floor(Math.log(random.uniform()) / Math.log(1 - hazard));
      windowsToOnset[row] = onset <= 100 ? onset : Number.NaN;
    }
    const rows = Int32Array.from({ length: n }, (_, row) => row);
    return {
      vectors,
      atMs: Float64Array.from(rows, (row) => Math.floor(row / 50) * 60_000),
      entity: Int32Array.from(rows, (row) => row % 50),
      windowsToOnset,
      observedWindows: new Float32Array(n).fill(100),
      split: { train: rows.slice(0, 0.7 * n), calibration: rows.slice(0.7 * n), validation: rows.slice(n) },
    };
  }

  it("chooses trees where there are steps, fits again on all rows, and gives the same bytes each time", async () => {
    const rows = manyRows(8_000);
    const options = { windowSizeMs: 60_000, horizonWindows: 4, seed: 1, epochs: 1, members: 1, maxRows: 3000 };
    const [first, again] = [await fitHazardPredictor(rows, options), await fitHazardPredictor(rows, options)];
    expect(first.fit.trees).toBeGreaterThan(0);
    expect(first.fit.treeShare).toBeGreaterThan(0);
    expect(Buffer.from(first.onnx).equals(first.outOfSample.onnx)).toBe(false);
    expect(Buffer.from(first.onnx).equals(again.onnx)).toBe(true);
    expect(JSON.stringify(first.manifest)).toBe(JSON.stringify(again.manifest));
  }, 300_000);
});
