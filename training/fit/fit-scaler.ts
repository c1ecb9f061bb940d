/** Learns how features enter the network. Those that never varied in training are left out: a network learns nothing from them and would
 *  only be disturbed later. */
import { type FeatureScaling, type Scaler, transformed } from "../../models/predictor/encode.ts";
import { knownColumns, takeMedian } from "./known-columns.ts";

/** For heavy tails as they are: what is rare there is what matters. */
const TAIL_CLIP = 20;
/** Mean over median of absolute values from which a feature counts as heavy-tailed. */
const HEAVY_TAIL = 3;

/** Learns the encoding from training rows. Heavy-tailed features enter as logarithms and a second time as they are: a logarithm tells small
 *  values apart, and the large ones less well.
 *  @param vectors shape [n, featureCount] row by row, NaN = missing
 *  @param rows which rows to learn from; all when absent */
export function fitScaler(vectors: Float32Array, featureCount: number, rows?: Int32Array): Scaler {
  const features: FeatureScaling[] = [];
  for (const { feature, known, someMissing } of knownColumns(vectors, featureCount, rows)) {
    const scaling = scalingOf(known, feature, someMissing);
    if (scaling) features.push(scaling);
    if (scaling?.transform === "log" && scaling.deviation > 0) features.push(tailOf(known, feature));
  }
  let width = features.length;
  for (const scaling of features) if (scaling.maskColumn !== null) scaling.maskColumn = width++;
  return { featureCount, width, features };
}

/** @param values known values of one feature */
function scalingOf(values: Float64Array, feature: number, someMissing: boolean): FeatureScaling | null {
  if (values.length < 2) return null;
  const { transform, unit } = transformOf(values);
  const { mean, deviation } = momentsOf(values, transform, unit);
  const varies = deviation > 1e-9 * Math.max(1, Math.abs(mean));
  if (!varies && !someMissing) return null;
  // -1 stands for "has a mask" until columns are given out.
  return { feature, transform, unit, mean, deviation: varies ? deviation : 0, maskColumn: someMissing ? -1 : null };
}

/** The mask of a feature stands beside its logarithm already. */
function tailOf(values: Float64Array, feature: number): FeatureScaling {
  const { mean, deviation } = momentsOf(values, "linear", 1);
  return { feature, transform: "linear", unit: 1, mean, deviation, maskColumn: null, clip: TAIL_CLIP };
}

function momentsOf(values: Float64Array, transform: FeatureScaling["transform"], unit: number) {
  let mean = 0;
  for (const value of values) mean += transformed(value, transform, unit);
  mean /= values.length;
  let variance = 0;
  for (const value of values) variance += (transformed(value, transform, unit) - mean) ** 2;
  return { mean, deviation: Math.sqrt(variance / values.length) };
}

function transformOf(values: Float64Array): { transform: FeatureScaling["transform"]; unit: number } {
  const magnitudes = new Float64Array(values.length);
  let [count, sum, max] = [0, 0, 0];
  for (const value of values) {
    const magnitude = Math.abs(value);
    if (magnitude === 0) continue;
    magnitudes[count++] = magnitude;
    sum += magnitude;
    max = Math.max(max, magnitude);
  }
  if (count === 0) return { transform: "linear", unit: 1 };
  const median = takeMedian(magnitudes.subarray(0, count));
  const zeros = 1 - count / values.length;
  // Mostly zero with a few values is a tail too: the mean over all is then what hides it.
  const heavy = sum / count / median > HEAVY_TAIL || (zeros > 0.5 && max / median > HEAVY_TAIL);
  return heavy ? { transform: "log", unit: median } : { transform: "linear", unit: 1 };
}
