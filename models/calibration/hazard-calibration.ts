/** Recalibrates hazards on a slice of time that the fit never saw: logit' = slope * logit + bias[bucket], by maximum censored
 *  likelihood with a ridge towards "leave it as it is", so that few events move little.
 *
 *  Source: Platt 1999 scaling, applied to each bucket's hazard with one shared slope. Changed: slope is kept above a small positive
 *  number, so that calibration never reverses the order of rows; solved by damped Newton, which makes it deterministic. */
import { type HazardCalibration, identityCalibration, sigmoid, softplus } from "../predictor/hazard.ts";
import { bucketTarget } from "../predictor/targets.ts";
import { solveLinear } from "./solve-linear.ts";

const MIN_SLOPE = 0.05;
const MAX_STEPS = 50;
/** Ridge strengths in units of events. */
const SLOPE_RIDGE = 4;
const BIAS_RIDGE = 4;

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

/** Fits slope and biases; without any onset or any row the result is the identity.
 *  @param slope given: only the biases are fitted */
export function fitHazardCalibration(rows: CalibrationRows, slope?: number): HazardCalibration {
  const buckets = rows.edges.length;
  let current = { ...identityCalibration(buckets), ...(slope === undefined ? {} : { slope }) };
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

function lossOf(rows: CalibrationRows, calibration: HazardCalibration): number {
  let loss = (SLOPE_RIDGE / 2) * (calibration.slope - 1) ** 2;
  for (const bias of calibration.bias) loss += (BIAS_RIDGE / 2) * bias ** 2;
  eachCell(rows, (logit, bucket, event, weight) => {
    const score = calibration.slope * logit + calibration.bias[bucket]!;
    loss += weight * (softplus(score) - (event ? score : 0));
  });
  return loss;
}

function newtonDirection(rows: CalibrationRows, calibration: HazardCalibration, isSlopeFree: boolean): number[] {
  const size = rows.edges.length + 1;
  const gradient = new Array<number>(size).fill(0);
  const hessian = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  gradient[0] = SLOPE_RIDGE * (calibration.slope - 1);
  hessian[0]![0] = SLOPE_RIDGE;
  calibration.bias.forEach((bias, bucket) => {
    gradient[bucket + 1] = BIAS_RIDGE * bias;
    hessian[bucket + 1]![bucket + 1] = BIAS_RIDGE;
  });
  eachCell(rows, (logit, bucket, event, weight) => {
    const hazard = sigmoid(calibration.slope * logit + calibration.bias[bucket]!);
    const residual = weight * (hazard - (event ? 1 : 0));
    const curvature = weight * hazard * (1 - hazard);
    const column = bucket + 1;
    gradient[0] = gradient[0]! + residual * logit;
    gradient[column] = gradient[column]! + residual;
    hessian[0]![0] = hessian[0]![0]! + curvature * logit * logit;
    hessian[0]![column] = hessian[0]![column]! + curvature * logit;
    hessian[column]![column] = hessian[column]![column]! + curvature;
  });
  if (!isSlopeFree) {
    gradient[0] = 0;
    hessian[0] = new Array<number>(size).fill(0);
    hessian[0][0] = 1;
  }
  for (let column = 1; column < size; column++) hessian[column]![0] = hessian[0]![column]!;
  return solveLinear(hessian, gradient);
}

function moved(calibration: HazardCalibration, direction: readonly number[], scale: number): HazardCalibration {
  return {
    slope: Math.max(MIN_SLOPE, calibration.slope - scale * direction[0]!),
    bias: calibration.bias.map((bias, bucket) => bias - scale * direction[bucket + 1]!),
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
