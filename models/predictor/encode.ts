/** From feature vectors to network inputs: transform, standardise, clip; missing becomes 0 beside a mask input of 1. */

/** How one feature enters the network. */
export interface FeatureScaling {
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

function standardise(value: number, scaling: FeatureScaling): number {
  if (scaling.deviation === 0) return 0;
  const standard = (transformed(value, scaling.transform, scaling.unit) - scaling.mean) / scaling.deviation;
  const clip = scaling.clip ?? CLIP;
  return standard > clip ? clip : standard < -clip ? -clip : standard;
}

/** The value as it is standardised. */
export function transformed(value: number, transform: FeatureScaling["transform"], unit: number): number {
  if (transform === "linear") return value;
  return value >= 0 ? Math.log1p(value / unit) : -Math.log1p(-value / unit);
}
