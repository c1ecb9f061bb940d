/** Fits the product's own predictor on a study and scores its test rows. */
import { type OutageStudy, SPLITS } from "../../datasets/outages/outage-study.ts";
import { probabilityWithin } from "../../models/predictor/hazard.ts";
import type { LeadRows } from "../../training/evaluate/lead-times.ts";
import { replayRows } from "../../training/evaluate/outage-vectors.ts";
import { fitHazardPredictor } from "../../training/fit/fit-predictor.ts";
import { hazardLogits } from "../../training/fit/hazard-logits.ts";

/** Test rows, one entry each. */
export interface ScoredRows extends LeadRows {
  probability: number[];
  /** 1: an outage began within the horizon */
  outcome: number[];
}

export async function scoreStudy(study: OutageStudy, options: { seed: number; epochs: number }): Promise<ScoredRows> {
  const { rows, windowSizeMs, horizonWindows } = study;
  const { vectors, atMs } = replayRows(study);
  const [train, validation, test] = (["train", "validation", "test"] as const).map((name) => {
    const code = SPLITS.indexOf(name);
    return Int32Array.from(rows.split.keys()).filter((row) => rows.split[row] === code);
  }) as [Int32Array, Int32Array, Int32Array]; // as: map forgets the length
  const { manifest, onnx } = await fitHazardPredictor(
    {
      vectors,
      atMs,
      entity: rows.series,
      windowsToOnset: rows.windowsToOnset,
      observedWindows: rows.observedWindows,
      split: { train, calibration: validation, validation },
    },
    { windowSizeMs, horizonWindows, ...options },
  );
  const logits = await hazardLogits(manifest, onnx, vectors, test);
  const buckets = manifest.edges.length;
  const pick = (values: ArrayLike<number>) => Array.from(test, (row) => values[row]!);
  return {
    series: pick(rows.series),
    window: pick(rows.window),
    windowsToOnset: pick(rows.windowsToOnset),
    outcome: pick(rows.positive),
    probability: Array.from(test, (_, index) =>
      probabilityWithin(
        logits.subarray(index * buckets, (index + 1) * buckets),
        manifest.edges,
        horizonWindows,
        manifest.calibration,
      ),
    ),
  };
}
