/** From feature vectors to network inputs: transform, standardise, clip; missing becomes 0 beside a mask input of 1.
 *  Features that never varied in training are left out: a network learns nothing from them and would only be disturbed later. */
import type { FeatureSpec } from "../features/feature-spec.ts";

/** How one feature enters the network. */
interface FeatureScaling {
  /** index in the feature vector */
  feature: number;
  /** `log`: sign(x) * log(1 + |x| / unit), for heavy tails */
  transform: "linear" | "log";
  unit: number;
  /** of the transformed value, over training rows that have it; deviation 0: it never varied, only its mask tells something */
  mean: number;
  deviation: number;
  /** column of the mask input, null when training never missed the feature */
  maskColumn: number | null;
  /** standardised values beyond this many deviations are cut off; 6 when absent */
  clip?: number;
}

export interface Scaler {
  /** features per vector */
  featureCount: number;
  /** encoded width: one column per entry of `features`, then the masks */
  width: number;
  features: FeatureScaling[];
}

const CLIP = 6;
/** For heavy tails as they are: what is rare there is what matters. */
const TAIL_CLIP = 20;
/** Mean over median of absolute values from which a feature counts as heavy-tailed. */
const HEAVY_TAIL = 3;

/** Learns the encoding from training rows. Heavy-tailed features enter as logarithms and a second time as they are: a logarithm tells small
 *  values apart, and the large ones less well.
 *  @param vectors shape [n, featureCount] row by row, NaN = missing
 *  @param rows which rows to learn from; all when absent */
export function fitScaler(vectors: Float32Array, featureCount: number, rows?: Int32Array): Scaler {
  const count = rows ? rows.length : vectors.length / featureCount;
  const column = new Float64Array(count);
  const features: FeatureScaling[] = [];
  for (let feature = 0; feature < featureCount; feature++) {
    let present = 0;
    for (let index = 0; index < count; index++) {
      const value = vectors[(rows ? rows[index]! : index) * featureCount + feature]!;
      if (!Number.isNaN(value)) column[present++] = value;
    }
    const known = column.subarray(0, present);
    const scaling = scalingOf(known, feature, present < count);
    if (scaling) features.push(scaling);
    if (scaling?.transform === "log" && scaling.deviation > 0) features.push(tailOf(known, feature));
  }
  let width = features.length;
  for (const scaling of features) if (scaling.maskColumn !== null) scaling.maskColumn = width++;
  return { featureCount, width, features };
}

/** Encodes vectors for the network's `features` input.
 *  @param vectors shape [n, scaler.featureCount]   @returns shape [n, scaler.width] */
export function encodeVectors(vectors: Float32Array, scaler: Scaler): Float32Array {
  const count = vectors.length / scaler.featureCount;
  const encoded = new Float32Array(count * scaler.width);
  for (let row = 0; row < count; row++)
    encodeInto(vectors, row * scaler.featureCount, scaler, encoded, row * scaler.width);
  return encoded;
}

/** Encodes one vector at `offset` of `vectors` into `into` at `intoOffset`. */
export function encodeInto(
  vectors: Float32Array,
  offset: number,
  scaler: Scaler,
  into: Float32Array,
  intoOffset: number,
): void {
  const { features } = scaler;
  for (let index = 0; index < features.length; index++) {
    const scaling = features[index]!;
    const value = vectors[offset + scaling.feature]!;
    const missing = Number.isNaN(value);
    into[intoOffset + index] = missing ? 0 : standardise(value, scaling);
    if (scaling.maskColumn !== null) into[intoOffset + scaling.maskColumn] = missing ? 1 : 0;
  }
}

/** Encodes a single vector, shape [scaler.featureCount] → [scaler.width]. */
export function encodeVector(vector: Float32Array, scaler: Scaler): Float32Array {
  return encodeVectors(vector, scaler);
}

/** What an ordinary row looks like, per feature: the reference from which explanations measure. The median over training rows in
 *  which the feature is known; null when it never was.
 *  @param vectors shape [n, spec.features.length] */
export function expectedValues(vectors: Float32Array, spec: FeatureSpec, rows?: Int32Array): (number | null)[] {
  const width = spec.features.length;
  const count = rows ? rows.length : vectors.length / width;
  const column = new Float64Array(count);
  return spec.features.map((_, feature) => {
    let present = 0;
    for (let index = 0; index < count; index++) {
      const value = vectors[(rows ? rows[index]! : index) * width + feature]!;
      if (!Number.isNaN(value)) column[present++] = value;
    }
    // A feature that most rows lack is ordinarily missing.
    if (present * 2 < count || present === 0) return null;
    const sorted = column.slice(0, present).sort();
    return sorted[Math.floor((present - 1) / 2)]!;
  });
}

function standardise(value: number, scaling: FeatureScaling): number {
  if (scaling.deviation === 0) return 0;
  const standard = (transformed(value, scaling.transform, scaling.unit) - scaling.mean) / scaling.deviation;
  const clip = scaling.clip ?? CLIP;
  return standard > clip ? clip : standard < -clip ? -clip : standard;
}

function transformed(value: number, transform: FeatureScaling["transform"], unit: number): number {
  if (transform === "linear") return value;
  return value >= 0 ? Math.log1p(value / unit) : -Math.log1p(-value / unit);
}

/** @param values known values of one feature, reordered by this function */
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
  const magnitudes = values.map(Math.abs).filter((value) => value > 0);
  if (magnitudes.length === 0) return { transform: "linear", unit: 1 };
  magnitudes.sort();
  const median = magnitudes[Math.floor((magnitudes.length - 1) / 2)]!;
  let mean = 0;
  for (const magnitude of magnitudes) mean += magnitude;
  mean /= magnitudes.length;
  const zeros = 1 - magnitudes.length / values.length;
  // Mostly zero with a few values is a tail too: the mean over all is then what hides it.
  const heavy = mean / median > HEAVY_TAIL || (zeros > 0.5 && magnitudes.at(-1)! / median > HEAVY_TAIL);
  return heavy ? { transform: "log", unit: median } : { transform: "linear", unit: 1 };
}
