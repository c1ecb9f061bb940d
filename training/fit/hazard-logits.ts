/** Runs an exported predictor over many rows, outside of serving. */
import { encodeInto } from "../../models/predictor/encode.ts";
import { meanLogits, memberDeviation } from "../../models/predictor/ensemble.ts";
import { cumulativeHazard, logOddsOfHazard } from "../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { runPredictor } from "../../models/predictor/predict.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";

const RUN_ROWS = 4096;

/** Mean member logits of some rows, as served but before calibration.
 *  @returns shape [subset.length, manifest.edges.length] */
export async function hazardLogits(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  vectors: Float32Array,
  subset: Int32Array,
): Promise<Float64Array> {
  return meanLogitsOf(manifest, onnx, subset.length, encodedParts(manifest, vectors, subset));
}

/** The same of rows that are encoded already.
 *  @param x shape [n, manifest.scaler.width] */
export function inputLogits(manifest: PredictorManifest, onnx: Uint8Array, x: Float32Array): Promise<Float64Array> {
  const { width } = manifest.scaler;
  // a copy: ONNX Runtime takes no shared memory
  return meanLogitsOf(manifest, onnx, x.length / width, (from, to) => x.slice(from * width, to * width));
}

/** Log-odds of an onset within the horizon under the manifest's calibration, and how far the members are apart in them.
 *  @returns shape [subset.length] each; `spread` is a standard deviation */
export async function horizonLogOdds(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  vectors: Float32Array,
  subset: Int32Array,
  horizonWindows: number,
): Promise<{ score: Float64Array; spread: Float64Array }> {
  const { edges, members, calibration } = manifest;
  const score = new Float64Array(subset.length);
  const spread = new Float64Array(subset.length);
  const logOddsOf = (logits: ArrayLike<number>): number =>
    logOddsOfHazard(cumulativeHazard(logits, edges, horizonWindows, calibration));
  await runInParts(manifest, onnx, subset.length, encodedParts(manifest, vectors, subset), (hazard, from, to) => {
    const logits = meanLogits(hazard, to - from, members, edges.length);
    for (let row = from; row < to; row += 1) {
      const at = (row - from) * edges.length;
      score[row] = logOddsOf(logits.subarray(at, at + edges.length));
      spread[row] = memberDeviation(hazard, row - from, members, edges.length, logOddsOf);
    }
  });
  return { score, spread };
}

type InputParts = (from: number, to: number) => Float32Array;

function encodedParts({ scaler }: PredictorManifest, vectors: Float32Array, subset: Int32Array): InputParts {
  return (from, to) => {
    const encoded = new Float32Array((to - from) * scaler.width);
    for (let row = from; row < to; row += 1) {
      encodeInto(vectors, subset[row]! * scaler.featureCount, scaler, encoded, (row - from) * scaler.width);
    }
    return encoded;
  };
}

async function meanLogitsOf(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  count: number,
  inputs: InputParts,
): Promise<Float64Array> {
  const buckets = manifest.edges.length;
  const logits = new Float64Array(count * buckets);
  await runInParts(manifest, onnx, count, inputs, (hazard, from, to) => {
    logits.set(meanLogits(hazard, to - from, manifest.members, buckets), from * buckets);
  });
  return logits;
}

async function runInParts(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  count: number,
  inputs: InputParts,
  take: (hazard: Float32Array, from: number, to: number) => void,
): Promise<void> {
  const session = await createSession(onnx);
  try {
    for (let from = 0; from < count; from += RUN_ROWS) {
      const to = Math.min(count, from + RUN_ROWS);
      const { hazard } = await runPredictor(session, manifest, inputs(from, to));
      take(hazard, from, to);
    }
  } finally {
    await session.release();
  }
}
