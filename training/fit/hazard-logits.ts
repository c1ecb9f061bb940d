/** Runs an exported predictor over many rows, outside of serving. */
import { encodeInto } from "../../models/predictor/encode.ts";
import { meanLogits } from "../../models/predictor/ensemble.ts";
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
  const { width, featureCount } = manifest.scaler;
  return runInParts(manifest, onnx, subset.length, (from, to) => {
    const encoded = new Float32Array((to - from) * width);
    for (let row = from; row < to; row += 1) {
      encodeInto(vectors, subset[row]! * featureCount, manifest.scaler, encoded, (row - from) * width);
    }
    return encoded;
  });
}

/** The same of rows that are encoded already.
 *  @param x shape [n, manifest.scaler.width] */
export function inputLogits(manifest: PredictorManifest, onnx: Uint8Array, x: Float32Array): Promise<Float64Array> {
  const { width } = manifest.scaler;
  return runInParts(manifest, onnx, x.length / width, (from, to) => x.subarray(from * width, to * width));
}

async function runInParts(
  manifest: PredictorManifest,
  onnx: Uint8Array,
  count: number,
  inputs: (from: number, to: number) => Float32Array,
): Promise<Float64Array> {
  const buckets = manifest.edges.length;
  const logits = new Float64Array(count * buckets);
  const session = await createSession(onnx);
  try {
    for (let from = 0; from < count; from += RUN_ROWS) {
      const to = Math.min(count, from + RUN_ROWS);
      const { hazard } = await runPredictor(session, manifest, inputs(from, to));
      logits.set(meanLogits(hazard, to - from, manifest.members, buckets), from * buckets);
    }
  } finally {
    await session.release();
  }
  return logits;
}
