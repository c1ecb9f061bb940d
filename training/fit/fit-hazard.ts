/** Fits the hazard network: minibatch Adam on the masked log loss, L2 as a Gaussian prior, dropout, and
 *  an ensemble by the Bayesian bootstrap (Rubin 1981): each member weighs the examples by exponential draws, so the members
 *  differ as fits to other samples of the same size would. Changed from it: one draw per cluster of rows that share an outcome, since
 *  neighbouring windows of one service are no independent examples. Classes are not weighted: it would break calibration.
 *
 *  Same rows and seed give the same weights bit for bit on one backend: initial values, order, dropout and draws are our own. */
import * as tf from "@tensorflow/tfjs";
import { createRandom, type Random } from "../random.ts";
import { selectBackend } from "../tf/backend.ts";
import { weightedCrossEntropy, weightedLogLoss } from "./dense.ts";
import { createHazardNetwork, type HazardNetwork, type HazardWeights } from "./hazard-network.ts";

export interface HazardRows {
  n: number;
  /** shape [n, width], encoded */
  x: Float32Array;
  /** shape [n, B]: see hazardTargets */
  label: Float32Array;
  mask: Float32Array;
  /** shape [n]: how many rows of the population this one stands for */
  weight: Float32Array;
  /** shape [n]: rows with one number share an outcome */
  cluster: Int32Array;
  /** shape [n, C], rows sum to 1, or 0 where not known; null: no class head is learned */
  classes: Float32Array | null;
}

export interface HazardOptions {
  width: number;
  buckets: number;
  classes: number;
  members: number;
  hidden: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  /** share of hidden units left out in a step, [0, 1) */
  dropout: number;
  /** precision of the Gaussian prior on the weights, in units of one independent example */
  penalty: { shared: number; deviation: number; hidden: number; out: number; classes: number };
  seed: number;
  /** after each epoch; the loss is per row */
  onEpoch?: (epoch: number, loss: number) => void | Promise<void>;
}

export interface HazardFit {
  weights: HazardWeights;
  backend: string;
}

/** How much the class head weighs beside the hazards. */
const CLASS_SHARE = 0.1;

/** @throws RangeError without training rows */
export async function fitHazard(train: HazardRows, options: HazardOptions): Promise<HazardFit> {
  if (train.n === 0) throw new RangeError("a fit needs at least one training row");
  const backend = await selectBackend();
  const random = createRandom(options.seed);
  const network = createHazardNetwork(options, startOf(train, options), random.fork(1));
  const optimizer = tf.train.adam(options.learningRate);
  const batches = createBatches(train, options, random);
  const penalty = penaltyOf(network, options, train);
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch += 1) {
      // Half a cosine from the full rate to a twentieth: late steps settle what early ones found.
      const rate =
        options.learningRate * (0.05 + 0.95 * 0.5 * (1 + Math.cos((Math.PI * (epoch - 1)) / options.epochs)));
      Object.assign(optimizer, { learningRate: rate });
      let total = 0;
      for (const rows of batches.order()) total += step(network, optimizer, batches.load(rows), penalty);
      await options.onEpoch?.(epoch, total / batches.totalWeight);
    }
    return { weights: network.fold(), backend: backend.name };
  } finally {
    network.dispose();
    optimizer.dispose();
  }
}

interface Batch {
  x: tf.Tensor2D;
  /** [n, K·B] */
  label: tf.Tensor2D;
  /** risk mask × row weight × the member's draw, [n, K·B] */
  weight: tf.Tensor2D;
  classes: tf.Tensor2D | null;
  classWeight: tf.Tensor2D | null;
  dropout: tf.Tensor2D | null;
  /** Σ of the row weights, for the mean */
  scale: number;
}

/** One step of gradient descent. @returns the summed hazard loss per member */
function step(network: HazardNetwork, optimizer: tf.Optimizer, batch: Batch, penalty: () => tf.Scalar): number {
  const { members } = network.shape;
  const loss = tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => {
      const { hazard, classes } = network.forward(batch.x, batch.dropout);
      let objective = tf.div(weightedLogLoss(hazard, batch.label, batch.weight), batch.scale);
      if (batch.classes !== null && batch.classWeight !== null) {
        const cross = weightedCrossEntropy(classes, batch.classes, batch.classWeight);
        objective = tf.add(objective, tf.mul(cross, CLASS_SHARE / batch.scale));
      }
      return tf.add(objective, penalty()) as tf.Scalar;
    }, Object.values(network.variables));
    optimizer.applyGradients(grads);
    return value.dataSync()[0]!;
  });
  for (const tensor of [batch.x, batch.label, batch.weight, batch.classes, batch.classWeight, batch.dropout])
    tensor?.dispose();
  return (loss * batch.scale) / members;
}

/** Half the squared weights times their prior precision, per independent example. */
function penaltyOf(network: HazardNetwork, options: HazardOptions, train: HazardRows): () => tf.Scalar {
  const independent = new Set(train.cluster).size;
  const { shared, deviation, hidden, out, classes } = options.penalty;
  const { variables } = network;
  const terms: [tf.Variable<tf.Rank.R2>, number][] = [
    [variables.shared, shared],
    [variables.deviation, deviation],
    [variables.hiddenWeight, hidden],
    [variables.outWeight, out],
    [variables.classLinear, classes * CLASS_SHARE],
    [variables.classHidden, classes * CLASS_SHARE],
  ];
  return () =>
    terms
      .map(([variable, precision]) => tf.mul(tf.sum(tf.square(variable)), precision / (2 * independent)))
      .reduce((sum, term) => tf.add(sum, term)) as tf.Scalar;
}

/** Log-odds of the base rates, with half an event added so that an empty bucket stays finite. */
function startOf(
  rows: HazardRows,
  { buckets, classes }: HazardOptions,
): { bias: Float32Array; classBias: Float32Array } {
  const bias = new Float32Array(buckets);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    let events = 0.5;
    let atRisk = 1;
    for (let row = 0; row < rows.n; row += 1) {
      const weight = rows.weight[row]!;
      events += weight * rows.label[row * buckets + bucket]!;
      atRisk += weight * rows.mask[row * buckets + bucket]!;
    }
    bias[bucket] = Math.log(events / Math.max(0.5, atRisk - events));
  }
  const counts = new Float64Array(classes).fill(0.5);
  if (rows.classes !== null) {
    for (let index = 0; index < rows.n * classes; index += 1) counts[index % classes]! += rows.classes[index]!;
  }
  return { bias, classBias: Float32Array.from(counts, (count) => Math.log(count)) };
}

interface Batches {
  totalWeight: number;
  /** A new random order, cut into batches of row numbers. */
  order(): Int32Array[];
  load(rows: Int32Array): Batch;
}

function createBatches(train: HazardRows, options: HazardOptions, random: Random): Batches {
  const { members, buckets, width, hidden, classes } = options;
  const draws = drawWeights(train, members, random.fork(2));
  const ordering = random.fork(3);
  const dropout = createDropout(members * hidden, options.batchSize, options.dropout, random.fork(4));
  const columns = members * buckets;

  const load = (rows: Int32Array): Batch => {
    const n = rows.length;
    const x = new Float32Array(n * width);
    const label = new Float32Array(n * columns);
    const weight = new Float32Array(n * columns);
    const targets = train.classes === null ? null : new Float32Array(n * classes);
    const targetWeight = train.classes === null ? null : new Float32Array(n);
    let scale = 0;
    for (let index = 0; index < n; index += 1) {
      const row = rows[index]!;
      x.set(train.x.subarray(row * width, (row + 1) * width), index * width);
      const rowWeight = train.weight[row]!;
      scale += rowWeight;
      for (let member = 0; member < members; member += 1) {
        const drawn = rowWeight * draws[row * members + member]!;
        const offset = index * columns + member * buckets;
        for (let bucket = 0; bucket < buckets; bucket += 1) {
          label[offset + bucket] = train.label[row * buckets + bucket]!;
          weight[offset + bucket] = drawn * train.mask[row * buckets + bucket]!;
        }
      }
      if (train.classes !== null && targets !== null && targetWeight !== null) {
        const target = train.classes.subarray(row * classes, (row + 1) * classes);
        targets.set(target, index * classes);
        targetWeight[index] = target.some((share) => share > 0) ? rowWeight : 0;
      }
    }
    return {
      x: tf.tensor2d(x, [n, width]),
      label: tf.tensor2d(label, [n, columns]),
      weight: tf.tensor2d(weight, [n, columns]),
      classes: targets === null ? null : tf.tensor2d(targets, [n, classes]),
      classWeight: targetWeight === null ? null : tf.tensor2d(targetWeight, [n, 1]),
      dropout: dropout(n),
      scale,
    };
  };

  return {
    totalWeight: train.weight.reduce((sum, weight) => sum + weight, 0),
    order() {
      const permutation = ordering.permutation(train.n);
      const count = Math.max(1, Math.round(train.n / options.batchSize));
      return Array.from({ length: count }, (_, batch) =>
        permutation.subarray(Math.floor((batch * train.n) / count), Math.floor(((batch + 1) * train.n) / count)),
      );
    },
    load,
  };
}

/** shape [n, K]: exponential with mean 1, one draw per cluster and member; a single member is an ordinary fit. */
function drawWeights(train: HazardRows, members: number, random: Random): Float32Array {
  const draws = new Float32Array(train.n * members).fill(1);
  if (members === 1) return draws;
  const ofCluster = new Map<number, Float32Array>();
  for (let row = 0; row < train.n; row += 1) {
    const cluster = train.cluster[row]!;
    const drawn = ofCluster.get(cluster) ?? Float32Array.from({ length: members }, () => random.exponential());
    ofCluster.set(cluster, drawn);
    draws.set(drawn, row * members);
  }
  return draws;
}

/** Dropout masks cut at random places out of one long seeded mask: drawing fresh numbers would take longer than the step. It stays outside of
 *  the backend: TensorFlow.js's WebAssembly backend copies the whole of a tensor to slice it, which took half of the fit's time. */
function createDropout(
  units: number,
  batchSize: number,
  rate: number,
  random: Random,
): (n: number) => tf.Tensor2D | null {
  if (rate === 0 || units === 0) return () => null;
  const spare = 4;
  const size = 2 * batchSize * units * spare;
  const pool = Float32Array.from({ length: size }, () => (random.uniform() < rate ? 0 : 1 / (1 - rate)));
  return (n) => {
    const from = Math.floor(random.uniform() * (size - n * units));
    return tf.tensor2d(pool.subarray(from, from + n * units), [n, units]);
  };
}
