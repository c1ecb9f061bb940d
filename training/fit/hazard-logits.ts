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
  const buckets = manifest.edges.length;
  const { width, featureCount } = manifest.scaler;
  const logits = new Float64Array(subset.length * buckets);
  const session = await createSession(onnx);
  try {
    for (let from = 0; from < subset.length; from += RUN_ROWS) {
      const part = subset.subarray(from, from + RUN_ROWS);
      const encoded = new Float32Array(part.length * width);
      part.forEach((row, index) => {
        encodeInto(vectors, row * featureCount, manifest.scaler, encoded, index * width);
      });
      const { hazard } = await runPredictor(session, manifest, encoded);
      logits.set(meanLogits(hazard, part.length, manifest.members, buckets), from * buckets);
    }
  } finally {
    await session.release();
  }
  return logits;
}
