/** The hazard network's parameters and its forward pass. Per ensemble member k and time bucket b:
 *
 *      logit(k, b) = x·s(k) + x·d(k, b) + relu(x·W(k) + c(k))·V(k, b) + bias(b)
 *
 *  s is one risk score shared by all buckets, d a strongly penalised deviation per bucket: few onsets teach s, many also teach d.
 *  The members lie side by side in the same matrices (V is block-diagonal), so K members cost few calls, and all of it becomes one
 *  ONNX graph. A class head on the same hidden layers says which errors the failure would bring. */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../random.ts";
import { dense, denseOfInput } from "./dense.ts";

export interface NetworkShape {
  /** encoded inputs I */
  width: number;
  /** time buckets B */
  buckets: number;
  /** ensemble members K */
  members: number;
  /** hidden units H of each member */
  hidden: number;
  /** error classes C */
  classes: number;
}

/** The fitted network, folded to what serving needs. Row-major. */
export interface HazardWeights extends NetworkShape {
  /** [I, K·H] */
  hiddenWeight: Float32Array;
  /** [K·H] */
  hiddenBias: Float32Array;
  /** [I, K·B] */
  linearWeight: Float32Array;
  /** [K·H, K·B], block-diagonal */
  outWeight: Float32Array;
  /** [K·B] */
  bias: Float32Array;
  /** [I, C] */
  classLinear: Float32Array;
  /** [K·H, C] */
  classHidden: Float32Array;
  /** [C] */
  classBias: Float32Array;
}

const PARAMETERS = [
  "shared",
  "deviation",
  "hiddenWeight",
  "hiddenBias",
  "outWeight",
  "bias",
  "classLinear",
  "classHidden",
  "classBias",
] as const;
type ParameterName = (typeof PARAMETERS)[number];
type Snapshot = Record<ParameterName, Float32Array>;

export interface HazardNetwork {
  readonly shape: NetworkShape;
  readonly variables: Record<ParameterName, tf.Variable<tf.Rank.R2>>;
  /** @param x [n, I] @param dropout mask to multiply the hidden layer with, [n, K·H], or null
   *  @returns hazard logits [n, K·B] and class logits [n, C] */
  forward(x: tf.Tensor2D, dropout: tf.Tensor2D | null): { hazard: tf.Tensor2D; classes: tf.Tensor2D };
  snapshot(): Snapshot;
  restore(snapshot: Snapshot): void;
  fold(): HazardWeights;
  dispose(): void;
}

/** Starts at the base rate: everything but the hidden layer's input weights is zero, the biases are given.
 *  @param bias hazard log-odds per bucket, shape [B] @param classBias shape [C] */
export function createHazardNetwork(
  shape: NetworkShape,
  start: { bias: Float32Array; classBias: Float32Array },
  random: Random,
): HazardNetwork {
  const { width, buckets, members, hidden, classes } = shape;
  const hiddenScale = Math.sqrt(2 / width);
  const initial: Record<ParameterName, { shape: [number, number]; values: Float32Array }> = {
    shared: { shape: [width, members], values: new Float32Array(width * members) },
    deviation: { shape: [width, members * buckets], values: new Float32Array(width * members * buckets) },
    hiddenWeight: {
      shape: [width, members * hidden],
      values: Float32Array.from({ length: width * members * hidden }, () => hiddenScale * random.normal()),
    },
    hiddenBias: { shape: [1, members * hidden], values: new Float32Array(members * hidden) },
    outWeight: {
      shape: [members * hidden, members * buckets],
      values: new Float32Array(members * hidden * members * buckets),
    },
    bias: { shape: [1, members * buckets], values: repeat(start.bias, members) },
    classLinear: { shape: [width, classes], values: new Float32Array(width * classes) },
    classHidden: { shape: [members * hidden, classes], values: new Float32Array(members * hidden * classes) },
    classBias: { shape: [1, classes], values: start.classBias },
  };
  const variables = mapParameters((name) =>
    tf.tidy(() => tf.variable(tf.tensor2d(initial[name].values, initial[name].shape))),
  );
  // Constant selectors: which score belongs to which bucket, and which block of V belongs to which member.
  const spread = tf.tensor2d(
    selector(members, members * buckets, (k, column) => k === Math.floor(column / buckets)),
    [members, members * buckets],
  );
  const block = tf.tensor2d(
    selector(
      members * hidden,
      members * buckets,
      (unit, column) => Math.floor(unit / hidden) === Math.floor(column / buckets),
    ),
    [members * hidden, members * buckets],
  );

  const linear = (): tf.Tensor2D => tf.add(dense(variables.shared, spread), variables.deviation);
  const snapshot = (): Snapshot => mapParameters((name) => Float32Array.from(variables[name].dataSync()));

  return {
    shape,
    variables,
    forward(x, dropout) {
      const active = tf.relu(tf.add(denseOfInput(x, variables.hiddenWeight), variables.hiddenBias)) as tf.Tensor2D;
      const kept = dropout === null ? active : (tf.mul(active, dropout) as tf.Tensor2D);
      const deep = dense(kept, tf.mul(variables.outWeight, block) as tf.Tensor2D);
      const hazard = tf.add(tf.add(denseOfInput(x, linear()), deep), variables.bias) as tf.Tensor2D;
      const classLogits = tf.add(
        tf.add(denseOfInput(x, variables.classLinear), dense(kept, variables.classHidden)),
        variables.classBias,
      ) as tf.Tensor2D;
      return { hazard, classes: classLogits };
    },
    snapshot,
    restore(saved) {
      for (const name of PARAMETERS) {
        tf.tidy(() => variables[name].assign(tf.tensor2d(saved[name], initial[name].shape)));
      }
    },
    fold() {
      const saved = snapshot();
      return {
        ...shape,
        hiddenWeight: saved.hiddenWeight,
        hiddenBias: saved.hiddenBias,
        linearWeight: tf.tidy(() => Float32Array.from(linear().dataSync())),
        outWeight: tf.tidy(() => Float32Array.from(tf.mul(variables.outWeight, block).dataSync())),
        bias: saved.bias,
        classLinear: saved.classLinear,
        classHidden: saved.classHidden,
        classBias: saved.classBias,
      };
    },
    dispose() {
      for (const name of PARAMETERS) variables[name].dispose();
      spread.dispose();
      block.dispose();
    },
  };
}

function mapParameters<T>(make: (name: ParameterName) => T): Record<ParameterName, T> {
  // Built from the list of all names, which Object.fromEntries cannot express.
  return Object.fromEntries(PARAMETERS.map((name) => [name, make(name)])) as Record<ParameterName, T>;
}

function repeat(values: Float32Array, times: number): Float32Array {
  const result = new Float32Array(values.length * times);
  for (let time = 0; time < times; time += 1) result.set(values, time * values.length);
  return result;
}

function selector(rows: number, columns: number, chosen: (row: number, column: number) => boolean): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, index) =>
    chosen(Math.floor(index / columns), index % columns) ? 1 : 0,
  );
}
