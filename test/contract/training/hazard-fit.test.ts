import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { HAZARD_EDGES } from "../../../models/predictor/edges.ts";
import { createSession } from "../../../services/platform/serving/onnx-session.ts";
import { exportPredictor } from "../../../training/export/export-predictor.ts";
import { weightedCrossEntropy, weightedLogLoss } from "../../../training/fit/dense.ts";
import { fitHazard, type HazardOptions, type HazardRows } from "../../../training/fit/fit-hazard.ts";
import { createHazardNetwork } from "../../../training/fit/hazard-network.ts";
import { hazardTargets } from "../../../training/fit/hazard-targets.ts";
import { createRandom } from "../../../training/random.ts";
import { selectBackend } from "../../../training/tf/backend.ts";

const WIDTH = 6;
const BUCKETS = HAZARD_EDGES.length;
const OPTIONS: HazardOptions = {
  width: WIDTH,
  buckets: BUCKETS,
  classes: 3,
  members: 3,
  hidden: 8,
  epochs: 12,
  batchSize: 64,
  learningRate: 0.01,
  dropout: 0.1,
  penalty: { shared: 1, deviation: 10, hidden: 1, out: 2, classes: 1 },
  seed: 7,
};

/** Hazard per window depends on the first input alone; the failure's class on the sign of the second. */
function toyRows(n: number, seed: number): HazardRows {
  const random = createRandom(seed);
  const x = Float32Array.from({ length: n * WIDTH }, () => random.normal());
  const onset = new Float32Array(n).fill(Number.NaN);
  const classes = new Float32Array(n * 3);
  for (let row = 0; row < n; row += 1) {
    const hazard = 1 / (1 + Math.exp(4 - 2 * x[row * WIDTH]!));
    for (let window = 1; window <= 70 && Number.isNaN(onset[row]!); window += 1) {
      if (random.uniform() < hazard) onset[row] = window;
    }
    if (!Number.isNaN(onset[row]!)) classes[row * 3 + (x[row * WIDTH + 1]! > 0 ? 0 : 1)] = 1;
  }
  return {
    n,
    x,
    ...hazardTargets(onset, new Float32Array(n).fill(70), HAZARD_EDGES),
    weight: new Float32Array(n).fill(1),
    cluster: Int32Array.from({ length: n }, (_, row) => row),
    classes,
  };
}

async function logitsOf(onnx: Uint8Array, x: Float32Array) {
  const session = await createSession(onnx);
  try {
    const outputs = await session.run({ features: { data: x, dims: [x.length / WIDTH, WIDTH] } });
    return { hazard: outputs.hazard_logits!, classes: outputs.class_logits! };
  } finally {
    await session.release();
  }
}

beforeAll(async () => {
  await selectBackend();
});

describe("the hazard loss", () => {
  it("is the negative log likelihood worked out by hand", () => {
    // One row: survived the first bucket at hazard 1/2, failed in the second at hazard 1/4; the third is not at risk.
    const [logits, label, mask] = [
      [0, Math.log(1 / 3), 9],
      [0, 1, 0],
      [1, 1, 0],
    ].map((row) => tf.tensor2d([row]));
    const loss = weightedLogLoss(logits!, label!, mask!).dataSync()[0]!;
    expect(loss).toBeCloseTo(-Math.log(1 - 1 / 2) - Math.log(1 / 4), 5);
    tf.dispose([logits!, label!, mask!]);
  });

  it("and the class loss have the gradients that TensorFlow.js derives", () => {
    tf.tidy(() => {
      const random = createRandom(1);
      const draw = (positive = false) =>
        tf.tensor2d(
          Array.from({ length: 12 }, () => (positive ? random.uniform() : random.normal())),
          [4, 3],
        );
      const [z, weight] = [draw(), draw(true)];
      const label = tf.softmax(draw()) as tf.Tensor2D;
      const rowWeight = tf.tensor2d([1, 2, 0, 0.5], [4, 1]);
      const cases: [(t: tf.Tensor2D) => tf.Scalar, (t: tf.Tensor2D) => tf.Scalar][] = [
        [
          (t) => weightedLogLoss(t, label, weight),
          (t) => tf.sum(tf.mul(weight, tf.sub(tf.softplus(t), tf.mul(label, t)))) as tf.Scalar,
        ],
        [
          (t) => weightedCrossEntropy(t, label, rowWeight),
          (t) => tf.neg(tf.sum(tf.mul(rowWeight, tf.mul(label, tf.logSoftmax(t))))) as tf.Scalar,
        ],
      ];
      for (const [ours, derived] of cases) {
        const mine = tf
          .grad((t) => ours(t as tf.Tensor2D))(z)
          .dataSync();
        const theirs = tf
          .grad((t) => derived(t as tf.Tensor2D))(z)
          .dataSync();
        for (let index = 0; index < mine.length; index += 1) expect(mine[index]).toBeCloseTo(theirs[index]!, 4);
      }
    });
  });
});

describe("the hazard network", () => {
  it("gives the same through ONNX Runtime as through TensorFlow.js, within 1e-5", async () => {
    const random = createRandom(4);
    const shape = { width: WIDTH, buckets: BUCKETS, members: 3, hidden: 8, classes: 3 };
    const network = createHazardNetwork(
      shape,
      { bias: new Float32Array(BUCKETS).fill(-2), classBias: new Float32Array(3) },
      random,
    );
    const snapshot = network.snapshot();
    for (const values of Object.values(snapshot)) values.set(values.map(() => 0.3 * random.normal()));
    network.restore(snapshot);
    const x = Float32Array.from({ length: 16 * WIDTH }, () => random.normal());
    const ours = tf.tidy(() => {
      const { hazard, classes } = network.forward(tf.tensor2d(x, [16, WIDTH]), null);
      return { hazard: hazard.dataSync(), classes: classes.dataSync() };
    });
    const served = await logitsOf(exportPredictor(network.fold()), x);
    network.dispose();
    expect(served.hazard.dims).toEqual([16, 3 * BUCKETS]);
    expect(served.classes.dims).toEqual([16, 3]);
    const difference = (a: Float32Array, b: ArrayLike<number>) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));
    expect(difference(served.hazard.data, ours.hazard)).toBeLessThan(1e-5);
    expect(difference(served.classes.data, ours.classes)).toBeLessThan(1e-5);
  });

  it("solves the toy problem: finds the input that matters, its size and the class", async () => {
    const { weights } = await fitHazard(toyRows(4000, 1), { ...OPTIONS, epochs: 30 });
    const x = new Float32Array(3 * WIDTH);
    x.set([-1, 1], 0);
    x.set([0, 0], WIDTH);
    x.set([1, -1], 2 * WIDTH);
    const { hazard, classes } = await logitsOf(exportPredictor(weights), x);
    const firstBucket = (row: number) => hazard.data[row * 3 * BUCKETS]!;
    // The truth is −4 + 2x.
    expect(firstBucket(1)).toBeGreaterThan(-4.6);
    expect(firstBucket(1)).toBeLessThan(-3.4);
    expect(firstBucket(2) - firstBucket(0)).toBeGreaterThan(3);
    expect(classes.data[0]).toBeGreaterThan(classes.data[1]!);
    expect(classes.data[6]).toBeLessThan(classes.data[7]!);
  });

  it("gives the same bytes for the same rows and seed, and others for another seed", async () => {
    const rows = toyRows(300, 1);
    const fitOnce = async (seed: number) =>
      exportPredictor((await fitHazard(rows, { ...OPTIONS, epochs: 2, seed })).weights);
    const [first, again, other] = [await fitOnce(7), await fitOnce(7), await fitOnce(8)];
    expect(Buffer.from(first).equals(again)).toBe(true);
    expect(Buffer.from(first).equals(other)).toBe(false);
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await fitHazard(toyRows(200, 1), { ...OPTIONS, epochs: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("starts at the base rate, and stays there when nothing can be learned", async () => {
    const rows = toyRows(2000, 3);
    const { weights } = await fitHazard(
      { ...rows, x: new Float32Array(rows.x.length) },
      {
        ...OPTIONS,
        epochs: 3,
      },
    );
    const { hazard } = await logitsOf(exportPredictor(weights), new Float32Array(WIDTH));
    let [events, atRisk] = [0, 0];
    for (let row = 0; row < rows.n; row += 1) {
      events += rows.label[row * BUCKETS]!;
      atRisk += rows.mask[row * BUCKETS]!;
    }
    const mean = [0, 1, 2].reduce((sum, member) => sum + hazard.data[member * BUCKETS]! / 3, 0);
    expect(Math.abs(mean - Math.log(events / (atRisk - events)))).toBeLessThan(0.15);
  });

  it("refuses to fit on nothing", async () => {
    const none = { ...toyRows(1, 1), n: 0 };
    await expect(fitHazard(none, OPTIONS)).rejects.toThrow(RangeError);
  });
});
