/** How alike two moments are in what is out of the ordinary about them. */
import { encodeVector } from "./encode.ts";
import type { PredictorManifest } from "./manifest.ts";

/** Cosine between the two departures from an ordinary row, as the network sees them: 1 when the same things are off by the same
 *  proportions, 0 when other things are, -1 when they are off the other way round.
 *  @param vectors shape [features] each, NaN = missing
 *  @returns null when one of them is ordinary in everything, or of another width than the model reads */
export function likeness(manifest: PredictorManifest, one: Float32Array, other: Float32Array): number | null {
  const { scaler, expected } = manifest;
  if (one.length !== scaler.featureCount || other.length !== scaler.featureCount) return null;
  const ordinary = encodeVector(
    Float32Array.from(expected, (value) => value ?? Number.NaN),
    scaler,
  );
  const [a, b] = [encodeVector(one, scaler), encodeVector(other, scaler)];
  let product = 0;
  let lengthA = 0;
  let lengthB = 0;
  for (let column = 0; column < ordinary.length; column++) {
    const [offA, offB] = [a[column]! - ordinary[column]!, b[column]! - ordinary[column]!];
    product += offA * offB;
    lengthA += offA * offA;
    lengthB += offB * offB;
  }
  if (lengthA === 0 || lengthB === 0) return null;
  return Math.max(-1, Math.min(1, product / Math.sqrt(lengthA * lengthB)));
}
