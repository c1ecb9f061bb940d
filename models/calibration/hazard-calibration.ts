/** Recalibrates hazards on a slice of time that the fit never saw: logit' = slope[bucket] * logit + bias[bucket], so that what is said of
 *  each horizon comes true as often as it says. The loss is the log loss of "the onset comes within the first b buckets", averaged over b.
 *
 *  Source: Platt 1999 scaling, applied to each bucket's hazard; for a loss the integrated binomial log-likelihood (Graf et al. 1999; Kvamme,
 *  Borgan & Scheel 2019, section 5.2). Changed: where an outcome is not known the row is left out instead of others being weighted up,
 *  since the slice ends at one moment for all. The likelihood of each bucket's hazard by itself is no substitute: hazards that are right one by
 *  one give wrong horizons when they err together.
 *
 *  Slopes and biases have a random walk along the buckets for a prior (Gaussian, so a quadratic penalty; Eilers & Marx 1996, section 3, with
 *  differences of first order), the nearest bucket "leave it as it is", so that few events move little. Far buckets are many and a
 *  network knows little about them; with one slope for all, what holds far away would be said of the next minutes. Slopes are kept above
 *  a small positive number, so that calibration never reverses the order of rows; solved by damped Fisher scoring, which makes it
 *  deterministic. */
import { type HazardCalibration, identityCalibration, sigmoid, softplus } from "../predictor/hazard.ts";
import { bucketTarget } from "../predictor/targets.ts";
import { solveLinear } from "./solve-linear.ts";

const MIN_SLOPE = 0.05;
const MAX_STEPS = 50;
/** Cumulative hazards begin here, so that the logarithm of what they amount to is a number. */
const MIN_HAZARD = 1e-12;

/** Strengths of the prior in units of events. */
interface Prior {
  /** of the first bucket's distance from the identity */
  start: number;
  /** of each bucket's distance from the one before */
  step: number;
}
const SLOPE_PRIOR: Prior = { start: 0.5, step: 2 };
const BIAS_PRIOR: Prior = { start: 0.25, step: 1 };

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
    const direction = scoringDirection(rows, current, slope === undefined);
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

/** Part of a calibration, from nothing (0: the identity) to all of it (1). */
export function shareOf({ slope, bias }: HazardCalibration, share: number): HazardCalibration {
  return { slope: slope.map((value) => 1 + share * (value - 1)), bias: bias.map((value) => share * value) };
}

/** Log loss of "the onset comes within the first b buckets", mean over b and sum over rows, each by its weight. */
export function horizonLoss(rows: CalibrationRows, calibration: HazardCalibration): number {
  let loss = 0;
  eachRow(rows, calibration, ({ known, onsetBucket, cumulative, weight }) => {
    for (let bucket = 0; bucket < known; bucket++) {
      const hazard = cumulative[bucket]!;
      loss += weight * (bucket < onsetBucket ? hazard : -Math.log(-Math.expm1(-hazard)));
    }
  });
  return loss;
}

function lossOf(rows: CalibrationRows, calibration: HazardCalibration): number {
  const { slope, bias } = calibration;
  return horizonLoss(rows, calibration) + penalty(slope, 1, SLOPE_PRIOR) + penalty(bias, 0, BIAS_PRIOR);
}

function penalty(values: readonly number[], origin: number, { start, step }: Prior): number {
  return values.reduce((sum, value, bucket) => {
    const from = bucket === 0 ? origin : values[bucket - 1]!;
    return sum + ((bucket === 0 ? start : step) / 2) * (value - from) ** 2;
  }, 0);
}

/** Unknowns are in the order slope of the first bucket, its bias, slope of the second, and so on. */
function scoringDirection(rows: CalibrationRows, { slope, bias }: HazardCalibration, isSlopeFree: boolean): number[] {
  const size = 2 * rows.edges.length;
  const gradient = new Float64Array(size);
  const information = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const add = (row: number, column: number, value: number) => {
    information[row]![column] = information[row]![column]! + value;
  };
  /** of the row's cumulative hazards in the unknowns of their last bucket */
  const derivative = new Float64Array(size);
  eachRow(rows, { slope, bias }, ({ known, onsetBucket, logits, scores, cumulative, weight }) => {
    for (let bucket = 0; bucket < known; bucket++) {
      const hazard = sigmoid(scores[bucket]!);
      derivative[2 * bucket] = hazard * logits[bucket]!;
      derivative[2 * bucket + 1] = hazard;
    }
    // A bucket is part of its own horizon and of all later ones: sums over those, from the last on.
    let pull = 0;
    let certainty = 0;
    for (let bucket = known - 1; bucket >= 0; bucket--) {
      const odds = 1 / Math.expm1(cumulative[bucket]!);
      pull += weight * (bucket < onsetBucket ? 1 : -odds);
      certainty += weight * odds;
      for (let own = 2 * bucket; own < 2 * bucket + 2; own++) {
        gradient[own] = gradient[own]! + pull * derivative[own]!;
        const scaled = certainty * derivative[own]!;
        for (let other = 0; other <= own; other++) add(own, other, scaled * derivative[other]!);
      }
    }
  });
  for (let row = 0; row < size; row++) {
    for (let column = row + 1; column < size; column++) information[row]![column] = information[column]![row]!;
  }
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
        information[fixed]![other] = 0;
        information[other]![fixed] = 0;
      }
      information[fixed]![fixed] = 1;
    }
  }
  return solveLinear(information, Array.from(gradient));
}

function moved({ slope, bias }: HazardCalibration, direction: readonly number[], scale: number): HazardCalibration {
  return {
    slope: slope.map((value, bucket) => Math.max(MIN_SLOPE, value - scale * direction[2 * bucket]!)),
    bias: bias.map((value, bucket) => value - scale * direction[2 * bucket + 1]!),
  };
}

/** What a row says and is told about its horizons; arrays have one entry per bucket. */
interface HorizonsOfRow {
  /** the first so many horizons have a known outcome */
  known: number;
  /** the onset fell into it, so that horizons from there on saw it; the number of buckets: into none */
  onsetBucket: number;
  logits: Float64Array;
  /** the logits, calibrated */
  scores: Float64Array;
  /** hazard of a bucket and of all before it, calibrated */
  cumulative: Float64Array;
  /** of each horizon */
  weight: number;
}

/** @param visit is lent one object whose content changes from call to call */
function eachRow(rows: CalibrationRows, { slope, bias }: HazardCalibration, visit: (row: HorizonsOfRow) => void): void {
  const buckets = rows.edges.length;
  const own: HorizonsOfRow = {
    known: 0,
    onsetBucket: 0,
    logits: new Float64Array(buckets),
    scores: new Float64Array(buckets),
    cumulative: new Float64Array(buckets),
    weight: 0,
  };
  for (let row = 0; row < rows.windowsToOnset.length; row++) {
    const { bucket: onset, atRisk } = bucketTarget(rows.windowsToOnset[row]!, rows.observedWindows[row]!, rows.edges);
    own.known = onset < 0 ? atRisk : buckets;
    own.onsetBucket = onset < 0 ? buckets : onset;
    own.weight = (rows.weight ? rows.weight[row]! : 1) / buckets;
    let total = MIN_HAZARD;
    for (let bucket = 0; bucket < own.known; bucket++) {
      const logit = rows.logits[row * buckets + bucket]!;
      const score = slope[bucket]! * logit + bias[bucket]!;
      total += softplus(score);
      own.logits[bucket] = logit;
      own.scores[bucket] = score;
      own.cumulative[bucket] = total;
    }
    visit(own);
  }
}
