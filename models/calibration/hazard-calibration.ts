/** Recalibrates hazards on a slice of time that the fit never saw: logit' = slope[bucket] * logit + bias[bucket], by maximum censored
 *  likelihood. Neighbouring buckets are held alike and the nearest one at "leave it as it is", so that few events move little.
 *
 *  Source: Platt 1999 scaling, applied to each bucket's hazard. Changed: slopes and biases have a random walk along the buckets for a
 *  prior (Gaussian, so a quadratic penalty; Eilers & Marx 1996, section 3, with differences of first order). Far buckets are many and a
 *  network knows little about them; with one slope for all, what holds far away would be said of the next minutes. Slopes are kept above
 *  a small positive number, so that calibration never reverses the order of rows; solved by damped Newton, which makes it deterministic. */
import { type HazardCalibration, identityCalibration, sigmoid, softplus } from "../predictor/hazard.ts";
import { bucketTarget } from "../predictor/targets.ts";
import { solveLinear } from "./solve-linear.ts";

const MIN_SLOPE = 0.05;
const MAX_STEPS = 50;

/** Strengths of the prior in units of events. */
interface Prior {
  /** of the first bucket's distance from the identity */
  start: number;
  /** of each bucket's distance from the one before */
  step: number;
}
const SLOPE_PRIOR: Prior = { start: 2, step: 8 };
const BIAS_PRIOR: Prior = { start: 1, step: 4 };

export interface CalibrationRows {
  /** shape [n, edges.length], hazard logits before calibration */
  logits: ArrayLike<number>;
  edges: readonly number[];
  /** shape [n], NaN = none seen */
  windowsToOnset: ArrayLike<number>;
  /** shape [n] */
  observedWindows: ArrayLike<number>;
  /** shape [n]; 1 each when absent */
  weight?: ArrayLike<number>;
}

/** Fits slopes and biases; without any onset or any row the result is the identity.
 *  @param slope shape [edges.length], given: only the biases are fitted */
export function fitHazardCalibration(rows: CalibrationRows, slope?: readonly number[]): HazardCalibration {
  const identity = identityCalibration(rows.edges.length);
  let current = slope === undefined ? identity : { ...identity, slope: [...slope] };
  if (!hasOnset(rows)) return current;
  let loss = lossOf(rows, current);
  for (let step = 0; step < MAX_STEPS; step++) {
    const direction = newtonDirection(rows, current, slope === undefined);
    let scale = 1;
    let next = moved(current, direction, scale);
    let nextLoss = lossOf(rows, next);
    while (nextLoss > loss && scale > 1e-4) {
      scale /= 2;
      next = moved(current, direction, scale);
      nextLoss = lossOf(rows, next);
    }
    if (!(nextLoss < loss)) break;
    const gain = loss - nextLoss;
    current = next;
    loss = nextLoss;
    if (gain < 1e-9 * Math.max(1, Math.abs(loss))) break;
  }
  return current;
}

function hasOnset({ windowsToOnset, edges }: CalibrationRows): boolean {
  for (let row = 0; row < windowsToOnset.length; row++) if (windowsToOnset[row]! <= edges.at(-1)!) return true;
  return false;
}

function lossOf(rows: CalibrationRows, { slope, bias }: HazardCalibration): number {
  let loss = penalty(slope, 1, SLOPE_PRIOR) + penalty(bias, 0, BIAS_PRIOR);
  eachCell(rows, (logit, bucket, event, weight) => {
    const score = slope[bucket]! * logit + bias[bucket]!;
    loss += weight * (softplus(score) - (event ? score : 0));
  });
  return loss;
}

function penalty(values: readonly number[], origin: number, { start, step }: Prior): number {
  return values.reduce((sum, value, bucket) => {
    const from = bucket === 0 ? origin : values[bucket - 1]!;
    return sum + ((bucket === 0 ? start : step) / 2) * (value - from) ** 2;
  }, 0);
}

/** Unknowns are in the order slope of the first bucket, its bias, slope of the second, and so on. */
function newtonDirection(rows: CalibrationRows, { slope, bias }: HazardCalibration, isSlopeFree: boolean): number[] {
  const size = 2 * rows.edges.length;
  const gradient = new Float64Array(size);
  const hessian = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const add = (row: number, column: number, value: number) => {
    hessian[row]![column] = hessian[row]![column]! + value;
  };
  eachCell(rows, (logit, bucket, event, weight) => {
    const hazard = sigmoid(slope[bucket]! * logit + bias[bucket]!);
    const residual = weight * (hazard - (event ? 1 : 0));
    const curvature = weight * hazard * (1 - hazard);
    const [own, level] = [2 * bucket, 2 * bucket + 1];
    gradient[own]! += residual * logit;
    gradient[level]! += residual;
    add(own, own, curvature * logit * logit);
    add(own, level, curvature * logit);
    add(level, own, curvature * logit);
    add(level, level, curvature);
  });
  const hold = (values: readonly number[], offset: number, origin: number, { start, step }: Prior) => {
    for (let bucket = 0; bucket < values.length; bucket++) {
      const [here, before] = [2 * bucket + offset, 2 * (bucket - 1) + offset];
      const strength = bucket === 0 ? start : step;
      const pull = strength * (values[bucket]! - (bucket === 0 ? origin : values[bucket - 1]!));
      gradient[here]! += pull;
      add(here, here, strength);
      if (bucket === 0) continue;
      gradient[before]! -= pull;
      add(before, before, strength);
      add(here, before, -strength);
      add(before, here, -strength);
    }
  };
  hold(slope, 0, 1, SLOPE_PRIOR);
  hold(bias, 1, 0, BIAS_PRIOR);
  if (!isSlopeFree) {
    for (let fixed = 0; fixed < size; fixed += 2) {
      gradient[fixed] = 0;
      for (let other = 0; other < size; other++) {
        hessian[fixed]![other] = 0;
        hessian[other]![fixed] = 0;
      }
      hessian[fixed]![fixed] = 1;
    }
  }
  return solveLinear(hessian, Array.from(gradient));
}

function moved({ slope, bias }: HazardCalibration, direction: readonly number[], scale: number): HazardCalibration {
  return {
    slope: slope.map((value, bucket) => Math.max(MIN_SLOPE, value - scale * direction[2 * bucket]!)),
    bias: bias.map((value, bucket) => value - scale * direction[2 * bucket + 1]!),
  };
}

function eachCell(
  rows: CalibrationRows,
  visit: (logit: number, bucket: number, event: boolean, weight: number) => void,
): void {
  const buckets = rows.edges.length;
  for (let row = 0; row < rows.windowsToOnset.length; row++) {
    const target = bucketTarget(rows.windowsToOnset[row]!, rows.observedWindows[row]!, rows.edges);
    const weight = rows.weight ? rows.weight[row]! : 1;
    for (let bucket = 0; bucket < target.atRisk; bucket++) {
      visit(rows.logits[row * buckets + bucket]!, bucket, bucket === target.bucket, weight);
    }
  }
}
