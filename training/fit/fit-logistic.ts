/** Logistic regression with an L2 prior, the plain model that is always reported beside the network: if the network cannot beat it,
 *  the network is not worth its weights. Convex, so the result does not depend on any seed. */
import { sigmoid, softplus } from "../../models/predictor/hazard.ts";
import { minimise } from "./minimise.ts";

export interface LogisticModel {
  weights: Float64Array;
  bias: number;
}

export interface LogisticRows {
  /** shape [n, width], encoded */
  x: Float32Array;
  width: number;
  /** shape [n], 0 or 1 */
  outcome: ArrayLike<number>;
  /** shape [n]; 1 each when absent */
  weight?: ArrayLike<number>;
}

/** @param penalty precision of the Gaussian prior on each weight, in units of rows; the bias is free */
export function fitLogistic(rows: LogisticRows, penalty = 1): LogisticModel {
  const { x, width, outcome } = rows;
  const n = outcome.length;
  const solution = minimise(
    (point, gradient) => {
      gradient.fill(0);
      let loss = 0;
      for (let row = 0; row < n; row += 1) {
        const score = scoreOf(x, row * width, width, point);
        const weight = rows.weight === undefined ? 1 : rows.weight[row]!;
        const residual = (weight * (sigmoid(score) - outcome[row]!)) / n;
        loss += (weight * (softplus(score) - outcome[row]! * score)) / n;
        for (let column = 0; column < width; column += 1) gradient[column]! += residual * x[row * width + column]!;
        gradient[width]! += residual;
      }
      for (let column = 0; column < width; column += 1) {
        loss += ((penalty / 2) * point[column]! ** 2) / n;
        gradient[column]! += (penalty * point[column]!) / n;
      }
      return loss;
    },
    new Float64Array(width + 1),
  );
  return { weights: solution.subarray(0, width), bias: solution[width]! };
}

/** @param x shape [n, width] @returns shape [n], each in [0, 1] */
export function predictLogistic(model: LogisticModel, x: Float32Array): Float64Array {
  const width = model.weights.length;
  const point = Float64Array.of(...model.weights, model.bias);
  return Float64Array.from({ length: x.length / width }, (_, row) => sigmoid(scoreOf(x, row * width, width, point)));
}

function scoreOf(x: Float32Array, offset: number, width: number, point: Float64Array): number {
  let score = point[width]!;
  for (let column = 0; column < width; column += 1) score += x[offset + column]! * point[column]!;
  return score;
}
