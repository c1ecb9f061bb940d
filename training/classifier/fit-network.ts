/** Fits the classifier's network: logits = x·A + relu(x·B + b)·D + c, a wide linear path beside a small hidden layer (Cheng et al. 2016,
 *  "Wide & Deep Learning", on hashed text). Changed from the paper: both paths see the same input, and a random part of each row's
 *  tokens is left out at each step, so that no single word of the training texts carries a class alone. */
import * as tf from "@tensorflow/tfjs";
import { ENCODER_WIDTH, type Token } from "../../models/classifier/encoder.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import type { Random } from "../random.ts";
import { type ClassifierRow, targetOf } from "./training-rows.ts";

/** hidden units of one member */
const HIDDEN_WIDTH = 16;
const CLASSES = ERROR_CLASSES.length;
/** L2 penalty on the hidden layer's input weights, as a share of that on the linear path */
const HIDDEN_DECAY = 0.2;

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

/** The same rows, options and generator give the same weights. Select a backend first (training/tf/backend.ts).
 *
 *  A row has some two hundred tokens among thousands of inputs, so the products with the input are sparse and done here; TensorFlow.js
 *  differentiates what comes after them. */
async function fitNetwork(
  rows: readonly ClassifierRow[],
  options: FitOptions,
  random: Random,
): Promise<NetworkWeights> {
  const parameters = initialParameters(random);
  const adam = createAdam(parameters, options.learningRate);
  const weights = classBalanced(rows);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = random.permutation(rows.length);
    let loss = 0;
    for (let from = 0; from < rows.length; from += options.batchSize) {
      const batch = [...order.subarray(from, from + options.batchSize)].map((index) => ({
        row: rows[index]!,
        weight: weights[index]!,
        tokens: rows[index]!.tokens.filter(() => random.uniform() >= options.tokenDropout),
      }));
      const { cost, gradients } = differentiate(batch, parameters, options);
      adam.step(gradients);
      loss += cost * batch.length;
      // Lets timers and signals in: a batch takes milliseconds, a fit may take a minute.
      if ((from / options.batchSize) % 16 === 0) await tf.nextFrame();
    }
    options.log?.(`epoch ${epoch + 1} of ${options.epochs}: loss ${(loss / rows.length).toFixed(4)}`);
  }
  return separate(parameters);
}

/** Linear and hidden weights of an input lie side by side: one pass over a row's tokens serves both. */
const INPUT_COLUMNS = CLASSES + HIDDEN_WIDTH;

interface Parameters {
  /** [D, C + H] */
  input: Float32Array;
  /** [H] */
  hiddenBias: Float32Array;
  /** [H, C] */
  output: Float32Array;
  /** [C] */
  bias: Float32Array;
}

interface Dropped {
  row: ClassifierRow;
  weight: number;
  /** those that were not left out */
  tokens: readonly Token[];
}

function initialParameters(random: Random): Parameters {
  const input = new Float32Array(ENCODER_WIDTH * INPUT_COLUMNS);
  for (let row = 0; row < ENCODER_WIDTH; row++)
    for (let h = 0; h < HIDDEN_WIDTH; h++) input[row * INPUT_COLUMNS + CLASSES + h] = random.normal() * 0.1;
  return {
    input,
    hiddenBias: new Float32Array(HIDDEN_WIDTH),
    output: Float32Array.from({ length: HIDDEN_WIDTH * CLASSES }, () => random.normal() * 0.2),
    bias: new Float32Array(CLASSES),
  };
}

function differentiate(
  batch: readonly Dropped[],
  parameters: Parameters,
  { decay, tokenDropout }: FitOptions,
): { cost: number; gradients: Parameters } {
  const scale = 1 / (1 - tokenDropout);
  const { cost, gradients } = head(batch, projected(batch, parameters.input, scale), parameters);
  const input = new Float32Array(parameters.input.length);
  for (let at = 0; at < input.length; at++) {
    const isLinear = at % INPUT_COLUMNS < CLASSES;
    input[at] = parameters.input[at]! * 2 * decay * (isLinear ? 1 : HIDDEN_DECAY);
  }
  for (const [row, { tokens }] of batch.entries()) {
    for (const { index, value } of tokens) {
      const from = index * INPUT_COLUMNS;
      for (let column = 0; column < INPUT_COLUMNS; column++)
        input[from + column]! += value * scale * gradients.projected[row * INPUT_COLUMNS + column]!;
    }
  }
  return { cost, gradients: { ...gradients, input } };
}

/** @returns shape [n, C + H] */
function projected(batch: readonly Dropped[], input: Float32Array, scale: number): Float32Array {
  const products = new Float32Array(batch.length * INPUT_COLUMNS);
  for (const [row, { tokens }] of batch.entries()) {
    for (const { index, value } of tokens) {
      const from = index * INPUT_COLUMNS;
      for (let column = 0; column < INPUT_COLUMNS; column++)
        products[row * INPUT_COLUMNS + column]! += value * scale * input[from + column]!;
    }
  }
  return products;
}

/** What comes after the products with the input: ReLU, output layer, weighted cross entropy. */
function head(batch: readonly Dropped[], products: Float32Array, { hiddenBias, output, bias }: Parameters) {
  return tf.tidy(() => {
    const n = batch.length;
    const targets = tf.tensor2d(
      batch.flatMap(({ row }) => [...targetOf(row)]),
      [n, CLASSES],
    );
    const weights = tf.tensor1d(batch.map(({ weight }) => weight));
    const costOf = tf.valueAndGrads((z, hb, out, b) => {
      const active = tf.relu(tf.add(tf.slice(z as tf.Tensor2D, [0, CLASSES], [n, HIDDEN_WIDTH]), hb!)) as tf.Tensor2D;
      const linear = tf.slice(z as tf.Tensor2D, [0, 0], [n, CLASSES]);
      const logits = tf.add(tf.add(linear, tf.matMul(active, out as tf.Tensor2D)), b!);
      const crossEntropy = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1));
      return tf.mean(tf.mul(crossEntropy, weights)) as tf.Scalar;
    });
    const { value, grads } = costOf([
      tf.tensor2d(products, [n, INPUT_COLUMNS]),
      tf.tensor1d(hiddenBias),
      tf.tensor2d(output, [HIDDEN_WIDTH, CLASSES]),
      tf.tensor1d(bias),
    ]);
    const [dProducts, dHiddenBias, dOutput, dBias] = grads.map((gradient) => Float32Array.from(gradient.dataSync()));
    // As many as there are arguments.
    const gradients = { projected: dProducts!, hiddenBias: dHiddenBias!, output: dOutput!, bias: dBias! };
    return { cost: value.dataSync()[0]!, gradients };
  });
}

/** Adam (Kingma & Ba 2015, algorithm 1), in place. */
function createAdam(parameters: Parameters, learningRate: number) {
  const names = ["input", "hiddenBias", "output", "bias"] as const;
  const zeros = (): Parameters => ({
    input: new Float32Array(parameters.input.length),
    hiddenBias: new Float32Array(parameters.hiddenBias.length),
    output: new Float32Array(parameters.output.length),
    bias: new Float32Array(parameters.bias.length),
  });
  const [means, squares] = [zeros(), zeros()];
  let steps = 0;
  return {
    step(gradients: Parameters): void {
      steps++;
      const rate = (learningRate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
      for (const name of names) {
        const [values, gradient, mean, square] = [parameters[name], gradients[name], means[name], squares[name]];
        for (let at = 0; at < values.length; at++) {
          const slope = gradient[at]!;
          mean[at] = 0.9 * mean[at]! + 0.1 * slope;
          square[at] = 0.999 * square[at]! + 0.001 * slope * slope;
          values[at]! -= (rate * mean[at]!) / (Math.sqrt(square[at]!) + 1e-7);
        }
      }
    },
  };
}

function separate({ input, hiddenBias, output, bias }: Parameters): NetworkWeights {
  const linear = new Float32Array(ENCODER_WIDTH * CLASSES);
  const hidden = new Float32Array(ENCODER_WIDTH * HIDDEN_WIDTH);
  for (let row = 0; row < ENCODER_WIDTH; row++) {
    const from = row * INPUT_COLUMNS;
    linear.set(input.subarray(from, from + CLASSES), row * CLASSES);
    hidden.set(input.subarray(from + CLASSES, from + INPUT_COLUMNS), row * HIDDEN_WIDTH);
  }
  return { linear, hidden, hiddenBias, output, bias };
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
