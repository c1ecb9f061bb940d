/** A predictor whose answer is obvious: hazard logits are sums of encoded inputs, so every group's share is known by hand. */
import type { FeatureGroup, FeatureSpec } from "../../../models/features/feature-spec.ts";
import type { ModelSession } from "../../../models/model-session.ts";
import { identityCalibration } from "../../../models/predictor/hazard.ts";
import {
  PREDICTOR_HAZARD_OUTPUT,
  PREDICTOR_INPUT,
  type PredictorManifest,
} from "../../../models/predictor/manifest.ts";

const GROUPS: readonly FeatureGroup[] = ["latency", "latency", "saturation", "fleet", "traffic"];

export const SPEC: FeatureSpec = {
  hash: "fixture",
  features: GROUPS.map((group, index) => ({
    name: `f${index}`,
    unit: index === 0 ? "ms" : "1",
    group,
    description: `fixture feature ${index}`,
  })),
};

/** Five features, of which the last is not used; feature 3 may be missing. One bucket, two members. */
export function manifestOf(partial: Partial<PredictorManifest> = {}): PredictorManifest {
  return {
    kind: "failure-predictor",
    format: 2,
    specHash: SPEC.hash,
    windowSizeMs: 60_000,
    members: 2,
    edges: [10],
    scaler: {
      featureCount: 5,
      width: 5,
      features: [0, 1, 2, 3].map((feature) => ({
        feature,
        transform: "linear" as const,
        unit: 1,
        mean: 0,
        deviation: 1,
        maskColumn: feature === 3 ? 4 : null,
      })),
    },
    calibration: identityCalibration(1),
    expected: [0, 0, 0, 0, 0],
    classes: [],
    uncertainty: { calibrationDeviation: 0, spreadScale: 1 },
    ...partial,
  };
}

/** @param logitOf encoded row and member → hazard logit of the only bucket */
export function sessionOf(
  logitOf: (row: Float32Array, member: number) => number,
  extra: (rows: number) => Record<string, { data: Float32Array; dims: number[] }> = () => ({}),
): ModelSession & { runs: number[] } {
  const runs: number[] = [];
  return {
    runs,
    async run(feeds) {
      const { data, dims } = feeds[PREDICTOR_INPUT]!;
      const [rows, width] = [dims[0]!, dims[1]!];
      runs.push(rows);
      const hazard = new Float32Array(rows * 2);
      for (let row = 0; row < rows; row++) {
        for (let member = 0; member < 2; member++) {
          hazard[row * 2 + member] = logitOf(data.subarray(row * width, (row + 1) * width), member);
        }
      }
      return { [PREDICTOR_HAZARD_OUTPUT]: { data: hazard, dims: [rows, 2] }, ...extra(rows) };
    },
  };
}
