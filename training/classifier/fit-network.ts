/** Fits the classifier's network: logits = x·A + relu(x·B + b)·D + c, a wide linear path beside a small hidden layer (Cheng et al. 2016,
 *  "Wide & Deep Learning", on hashed text). Changed from the paper: both paths see the same input, and a random part of each row's
 *  tokens is left out at each step, so that no single word of the training texts carries a class alone. */
import * as tf from "@tensorflow/tfjs";
import { ENCODER_WIDTH } from "../../models/classifier/encoder.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import type { Random } from "../random.ts";
import { type ClassifierRow, targetOf } from "./training-rows.ts";

/** hidden units of one member */
const HIDDEN_WIDTH = 16;
const CLASSES = ERROR_CLASSES.length;

export interface FitOptions {
  epochs: number;
  batchSize: number;
  learningRate: number;
  /** L2 penalty on the linear path */
  decay: number;
  /** share of tokens left out at each step, in [0, 1) */
  tokenDropout: number;
  log?: (line: string) => void;
}

export const DEFAULT_FIT: FitOptions = {
  epochs: 6,
  batchSize: 128,
  learningRate: 0.01,
  decay: 2e-5,
  tokenDropout: 0.3,
};

/** All row-major. */
export interface NetworkWeights {
  /** [D, C] */
  linear: Float32Array;
  /** [D, H] */
  hidden: Float32Array;
  /** [H] */
  hiddenBias: Float32Array;
  /** [H, C] */
  output: Float32Array;
  /** [C] */
  bias: Float32Array;
}

/** The same rows, options and generator give the same weights. Select a backend first (training/tf/backend.ts). */
async function fitNetwork(
  rows: readonly ClassifierRow[],
  options: FitOptions,
  random: Random,
): Promise<NetworkWeights> {
  const initial = (length: number, scale: number): Float32Array =>
    Float32Array.from({ length }, () => random.normal() * scale);
  const variables = {
    linear: tf.variable(tf.zeros([ENCODER_WIDTH, CLASSES])),
    hidden: tf.variable(tf.tensor2d(initial(ENCODER_WIDTH * HIDDEN_WIDTH, 0.1), [ENCODER_WIDTH, HIDDEN_WIDTH])),
    hiddenBias: tf.variable(tf.zeros([HIDDEN_WIDTH])),
    output: tf.variable(tf.tensor2d(initial(HIDDEN_WIDTH * CLASSES, 0.2), [HIDDEN_WIDTH, CLASSES])),
    bias: tf.variable(tf.zeros([CLASSES])),
  };
  const optimizer = tf.train.adam(options.learningRate);
  const weights = classBalanced(rows);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = random.permutation(rows.length);
    let loss = 0;
    for (let from = 0; from < rows.length; from += options.batchSize) {
      const batch = [...order.subarray(from, from + options.batchSize)];
      loss += step(batch, rows, weights, variables, optimizer, options, random) * batch.length;
      // Lets timers and signals in: a batch takes milliseconds, a fit may take a minute.
      if ((from / options.batchSize) % 16 === 0) await tf.nextFrame();
    }
    options.log?.(`epoch ${epoch + 1} of ${options.epochs}: loss ${(loss / rows.length).toFixed(4)}`);
  }
  const fitted = {
    linear: Float32Array.from(variables.linear.dataSync()),
    hidden: Float32Array.from(variables.hidden.dataSync()),
    hiddenBias: Float32Array.from(variables.hiddenBias.dataSync()),
    output: Float32Array.from(variables.output.dataSync()),
    bias: Float32Array.from(variables.bias.dataSync()),
  };
  for (const variable of Object.values(variables)) variable.dispose();
  optimizer.dispose();
  return fitted;
}

type Variables = Record<keyof NetworkWeights, tf.Variable>;

function step(
  batch: readonly number[],
  rows: readonly ClassifierRow[],
  weights: Float32Array,
  variables: Variables,
  optimizer: tf.Optimizer,
  options: FitOptions,
  random: Random,
): number {
  const features = new Float32Array(batch.length * ENCODER_WIDTH);
  const targets = new Float32Array(batch.length * CLASSES);
  const importance = new Float32Array(batch.length);
  for (const [at, index] of batch.entries()) {
    const row = rows[index]!;
    for (const token of row.tokens) {
      if (random.uniform() >= options.tokenDropout)
        features[at * ENCODER_WIDTH + token.index]! += token.value / (1 - options.tokenDropout);
    }
    targets.set(targetOf(row), at * CLASSES);
    importance[at] = weights[index]!;
  }
  return tf.tidy(() => {
    const x = tf.tensor2d(features, [batch.length, ENCODER_WIDTH]);
    const y = tf.tensor2d(targets, [batch.length, CLASSES]);
    const w = tf.tensor1d(importance);
    const cost = optimizer.minimize(() => lossOf(x, y, w, variables, options.decay), true);
    return cost!.dataSync()[0]!;
  });
}

function lossOf(x: tf.Tensor2D, y: tf.Tensor2D, w: tf.Tensor1D, variables: Variables, decay: number): tf.Scalar {
  const hidden = tf.relu(tf.add(tf.matMul(x, variables.hidden as tf.Tensor2D), variables.hiddenBias)) as tf.Tensor2D;
  const logits = tf.add(
    tf.add(tf.matMul(x, variables.linear as tf.Tensor2D), tf.matMul(hidden, variables.output as tf.Tensor2D)),
    variables.bias,
  );
  const crossEntropy = tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1));
  const penalty = tf.add(tf.sum(tf.square(variables.linear)), tf.mul(tf.sum(tf.square(variables.hidden)), 0.2));
  return tf.add(tf.mean(tf.mul(crossEntropy, w)), tf.mul(penalty, decay)) as tf.Scalar;
}

/** Weights whose mean is 1 and whose sum per class is closer to equal (square root of inverse frequency). */
function classBalanced(rows: readonly ClassifierRow[]): Float32Array {
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(row.class, (totals.get(row.class) ?? 0) + row.weight);
  const weights = Float32Array.from(rows, (row) => row.weight / Math.sqrt(totals.get(row.class)!));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / rows.length;
  return weights.map((weight) => weight / mean);
}

/** Several fits from different starts, averaged: the mean of the members' logits is again one such network, with their hidden units side
 *  by side. It errs less than its members do (Breiman 1996, "Bagging predictors", section 4; here only the draws differ). */
export async function fitEnsemble(
  rows: readonly ClassifierRow[],
  options: FitOptions,
  members: number,
  random: Random,
): Promise<NetworkWeights> {
  const fitted: NetworkWeights[] = [];
  for (let member = 0; member < members; member++) {
    options.log?.(`member ${member + 1} of ${members}`);
    fitted.push(await fitNetwork(rows, options, random.fork(member)));
  }
  return averageNetworks(fitted);
}

/** @param networks at least one; hidden widths may differ */
export function averageNetworks(networks: readonly NetworkWeights[]): NetworkWeights {
  const share = 1 / networks.length;
  const meanOf = (name: "linear" | "bias"): Float32Array =>
    networks[0]![name].map((_, index) => networks.reduce((sum, network) => sum + network[name][index]! * share, 0));
  const width = networks.reduce((sum, network) => sum + network.hiddenBias.length, 0);
  const hidden = new Float32Array(ENCODER_WIDTH * width);
  let column = 0;
  for (const network of networks) {
    const own = network.hiddenBias.length;
    for (let row = 0; row < ENCODER_WIDTH; row++) {
      hidden.set(network.hidden.subarray(row * own, (row + 1) * own), row * width + column);
    }
    column += own;
  }
  return {
    linear: meanOf("linear"),
    hidden,
    hiddenBias: Float32Array.from(networks.flatMap((network) => [...network.hiddenBias])),
    output: Float32Array.from(networks.flatMap((network) => [...network.output].map((value) => value * share))),
    bias: meanOf("bias"),
  };
}

/** The network in plain arithmetic, for calibration: a few thousand rows cost less than starting a session.
 *  @returns logits, shape [C] */
export function logitsOf(row: Pick<ClassifierRow, "tokens">, weights: NetworkWeights): Float64Array {
  const logits = Float64Array.from(weights.bias);
  const hidden = Float64Array.from(weights.hiddenBias);
  const width = hidden.length;
  for (const { index, value } of row.tokens) {
    for (let c = 0; c < CLASSES; c++) logits[c]! += value * weights.linear[index * CLASSES + c]!;
    for (let h = 0; h < width; h++) hidden[h]! += value * weights.hidden[index * width + h]!;
  }
  for (let h = 0; h < width; h++) {
    if (hidden[h]! > 0) for (let c = 0; c < CLASSES; c++) logits[c]! += hidden[h]! * weights.output[h * CLASSES + c]!;
  }
  return logits;
}
