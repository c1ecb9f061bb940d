/** Platt scaling of one score: P = sigmoid(slope * score + intercept).
 *
 *  Source: Platt 1999; targets smoothed as there, (positives + 1) / (positives + 2) and 1 / (negatives + 2). Changed: damped Newton with
 *  a small ridge, so that a slice without one of the two outcomes has a finite answer; slope is not kept positive, since a
 *  reversed score should show. */
import { sigmoid, softplus } from "../predictor/hazard.ts";
import { solveLinear } from "./solve-linear.ts";

const RIDGE = 1e-3;

export interface PlattMap {
  slope: number;
  intercept: number;
}

/** @param score shape [n], finite   @param outcome shape [n], 0 or 1 */
export function fitPlatt(score: ArrayLike<number>, outcome: ArrayLike<number>): PlattMap {
  let positives = 0;
  for (let row = 0; row < score.length; row++) positives += outcome[row]!;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (score.length - positives + 2);
  const target = (row: number) => (outcome[row] === 1 ? high : low);
  let map: PlattMap = { slope: 1, intercept: 0 };
  let loss = lossOf(score, target, map);
  for (let step = 0; step < 50; step++) {
    const [slopeStep, interceptStep] = direction(score, target, map);
    let scale = 1;
    let next = map;
    let nextLoss = Number.POSITIVE_INFINITY;
    while (nextLoss > loss && scale > 1e-6) {
      next = { slope: map.slope - scale * slopeStep, intercept: map.intercept - scale * interceptStep };
      nextLoss = lossOf(score, target, next);
      scale /= 2;
    }
    if (!(nextLoss < loss)) break;
    map = next;
    loss = nextLoss;
  }
  return map;
}

export function applyPlatt(map: PlattMap, score: number): number {
  return sigmoid(map.slope * score + map.intercept);
}

function lossOf(score: ArrayLike<number>, target: (row: number) => number, map: PlattMap): number {
  let loss = (RIDGE / 2) * ((map.slope - 1) ** 2 + map.intercept ** 2);
  for (let row = 0; row < score.length; row++) {
    const logit = map.slope * score[row]! + map.intercept;
    loss += softplus(logit) - target(row) * logit;
  }
  return loss;
}

function direction(score: ArrayLike<number>, target: (row: number) => number, map: PlattMap): [number, number] {
  const gradient = [RIDGE * (map.slope - 1), RIDGE * map.intercept];
  let slopeSlope = RIDGE;
  let slopeIntercept = 0;
  let interceptIntercept = RIDGE;
  for (let row = 0; row < score.length; row++) {
    const probability = sigmoid(map.slope * score[row]! + map.intercept);
    const residual = probability - target(row);
    const curvature = probability * (1 - probability);
    gradient[0] = gradient[0]! + residual * score[row]!;
    gradient[1] = gradient[1]! + residual;
    slopeSlope += curvature * score[row]! * score[row]!;
    slopeIntercept += curvature * score[row]!;
    interceptIntercept += curvature;
  }
  const [slope, intercept] = solveLinear(
    [
      [slopeSlope, slopeIntercept],
      [slopeIntercept, interceptIntercept],
    ],
    gradient,
  );
  return [slope!, intercept!];
}
