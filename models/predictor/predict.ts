/** Forecasts from feature vectors: encode, run the network, calibrate, read the horizons. Knows no transport and no storage. */
import type { ModelSession } from "../model-session.ts";
import type { ErrorClass } from "../taxonomy/classes.ts";
import { encodeInto } from "./encode.ts";
import { meanLogits, memberDeviation } from "./ensemble.ts";
import { cumulativeHazard, logOddsOfHazard, sigmoid } from "./hazard.ts";
import {
  PREDICTOR_CLASS_OUTPUT,
  PREDICTOR_HAZARD_OUTPUT,
  PREDICTOR_INPUT,
  type PredictorManifest,
} from "./manifest.ts";

/** An interval says where, with 90 % certainty, the rate lies at which rows with this score come true (interval-coverage.ts checks it
 *  on held-out rows): standard normal quantile of 0.95. */
export const INTERVAL_Z = 1.6449;
/** Share of the conditional onset mass that the time window holds at least. */
const TIME_WINDOW_MASS = 0.5;
/** Classes less likely than this are not worth naming. */
const NAMED_CLASS = 0.05;

export interface HorizonForecast {
  horizonWindows: number;
  /** calibrated P(onset within the horizon) */
  probability: number;
  /** 90 % interval, around `probability` */
  lower: number;
  upper: number;
  /** 1 - width of the interval: 1 is sure */
  confidence: number;
}

/** If a failure comes, when: counted in windows from now, (from, to]. */
export interface OnsetWindow {
  fromWindows: number;
  toWindows: number;
  /** share of the onset mass within the longest horizon that falls into it */
  mass: number;
}

export interface Forecast {
  /** in the order asked */
  horizons: HorizonForecast[];
  timeWindow: OnsetWindow;
  /** most likely first; empty when the model learned no classes */
  expectedClasses: { class: ErrorClass; probability: number }[];
}

/** Forecasts every vector in one run of the network.
 *  @param vectors each of the manifest's feature spec, NaN = missing
 *  @param horizonsWindows > 0, at least one
 *  @returns one forecast per vector, in order
 *  @throws RangeError when a vector has another width */
export async function predict(
  session: ModelSession,
  manifest: PredictorManifest,
  vectors: readonly Float32Array[],
  horizonsWindows: readonly number[],
): Promise<Forecast[]> {
  if (vectors.length === 0) return [];
  const outputs = await runPredictor(session, manifest, encodeAll(vectors, manifest));
  const buckets = manifest.edges.length;
  const logits = meanLogits(outputs.hazard, vectors.length, manifest.members, buckets);
  return vectors.map((_, row) => {
    const rowLogits = logits.subarray(row * buckets, (row + 1) * buckets);
    return {
      horizons: horizonsWindows.map((horizon) => forecastHorizon(outputs.hazard, row, rowLogits, manifest, horizon)),
      timeWindow: onsetWindow(rowLogits, manifest, Math.max(...horizonsWindows)),
      expectedClasses: expectedClasses(outputs.classes, row, manifest),
    };
  });
}

export interface PredictorOutputs {
  /** shape [n, members * buckets] */
  hazard: Float32Array;
  /** shape [n, classes]; empty when the graph has no class head */
  classes: Float32Array;
}

/** Runs the graph on encoded rows.
 *  @param encoded shape [n, manifest.scaler.width] */
export async function runPredictor(
  session: ModelSession,
  manifest: PredictorManifest,
  encoded: Float32Array,
): Promise<PredictorOutputs> {
  const width = manifest.scaler.width;
  const outputs = await session.run({ [PREDICTOR_INPUT]: { data: encoded, dims: [encoded.length / width, width] } });
  const hazard = outputs[PREDICTOR_HAZARD_OUTPUT];
  if (!hazard) throw new RangeError(`the predictor's graph has no output ${PREDICTOR_HAZARD_OUTPUT}`);
  return { hazard: hazard.data, classes: outputs[PREDICTOR_CLASS_OUTPUT]?.data ?? new Float32Array(0) };
}

/** The shortest span of whole buckets that holds most of the onset mass within the horizon.
 *  @param logits shape [buckets], before calibration */
export function onsetWindow(
  logits: ArrayLike<number>,
  manifest: Pick<PredictorManifest, "edges" | "calibration">,
  horizonWindows: number,
): OnsetWindow {
  const { edges, calibration } = manifest;
  const bounds = [0, ...edges.filter((edge) => edge < horizonWindows), horizonWindows];
  const survival = bounds.map((bound) => Math.exp(-cumulativeHazard(logits, edges, bound, calibration)));
  const total = 1 - survival.at(-1)!;
  let best: OnsetWindow = { fromWindows: 0, toWindows: horizonWindows, mass: 1 };
  if (total <= 0) return best;
  for (let from = 0; from < bounds.length; from++) {
    for (let to = from + 1; to < bounds.length; to++) {
      const mass = (survival[from]! - survival[to]!) / total;
      const length = bounds[to]! - bounds[from]!;
      const bestLength = best.toWindows - best.fromWindows;
      if (mass < TIME_WINDOW_MASS || length > bestLength) continue;
      if (length < bestLength || mass > best.mass) {
        best = { fromWindows: bounds[from]!, toWindows: bounds[to]!, mass };
      }
    }
  }
  return best;
}

function encodeAll(vectors: readonly Float32Array[], manifest: PredictorManifest): Float32Array {
  const { scaler } = manifest;
  const encoded = new Float32Array(vectors.length * scaler.width);
  vectors.forEach((vector, row) => {
    if (vector.length !== scaler.featureCount) {
      throw new RangeError(`a vector has ${vector.length} features, the model reads ${scaler.featureCount}`);
    }
    encodeInto(vector, 0, scaler, encoded, row * scaler.width);
  });
  return encoded;
}

function forecastHorizon(
  hazard: Float32Array,
  row: number,
  logits: Float64Array,
  manifest: PredictorManifest,
  horizonWindows: number,
): HorizonForecast {
  const { edges, calibration, members, uncertainty } = manifest;
  const logOdds = logOddsOfHazard(cumulativeHazard(logits, edges, horizonWindows, calibration));
  const spread = memberDeviation(hazard, row, members, edges.length, (memberLogits) =>
    logOddsOfHazard(cumulativeHazard(memberLogits, edges, horizonWindows, calibration)),
  );
  const deviation = Math.hypot(uncertainty.calibrationDeviation, spread * uncertainty.spreadScale);
  const lower = sigmoid(logOdds - INTERVAL_Z * deviation);
  const upper = sigmoid(logOdds + INTERVAL_Z * deviation);
  return { horizonWindows, probability: sigmoid(logOdds), lower, upper, confidence: 1 - (upper - lower) };
}

function expectedClasses(logits: Float32Array, row: number, manifest: PredictorManifest): Forecast["expectedClasses"] {
  const count = manifest.classes.length;
  if (count === 0 || logits.length === 0) return [];
  const own = Array.from(logits.subarray(row * count, (row + 1) * count));
  const top = Math.max(...own);
  const total = own.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return manifest.classes
    .map((name, index) => ({ class: name, probability: Math.exp(own[index]! - top) / total }))
    .filter((entry) => entry.probability >= NAMED_CLASS)
    .sort((a, b) => b.probability - a.probability);
}
