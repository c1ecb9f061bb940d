/** The two models that this program serves. */
import type { ClassifierManifest } from "../../../models/classifier/manifest.ts";
import { CLASSIFIER_ENCODER_HASH } from "../../../models/classifier/manifest.ts";
import { CLASSIFIER_ENTRIES, classifierFeeds } from "../../../models/classifier/network.ts";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import {
  PREDICTOR_FORMAT,
  PREDICTOR_HAZARD_OUTPUT,
  PREDICTOR_INPUT,
  type PredictorManifest,
} from "../../../models/predictor/manifest.ts";
import { HarbingerError } from "../errors.ts";
import { type ModelDefinition, requireSameHash } from "./model-definition.ts";

/** Names in the registry. */
export const FAILURE_PREDICTOR = "failure-predictor";
export const ERROR_CLASSIFIER = "error-classifier";

export const SERVED_MODELS: readonly string[] = [FAILURE_PREDICTOR, ERROR_CLASSIFIER];

export const predictorDefinition: ModelDefinition<PredictorManifest> = {
  name: FAILURE_PREDICTOR,
  accept(manifest) {
    const fields = requireObject(FAILURE_PREDICTOR, manifest);
    requireSameHash("feature spec", fields.specHash, FEATURE_SPEC.hash);
    if (fields.format !== PREDICTOR_FORMAT) {
      const found = `the model's manifest has format ${String(fields.format)}, this program reads ${PREDICTOR_FORMAT}`;
      throw new HarbingerError("CONFLICT", found);
    }
    // Manifests are written only by this program's own training, and an equal spec hash and format say the same writer's shape.
    return manifest as PredictorManifest;
  },
  enterAt: [{ input: PREDICTOR_INPUT, outputs: [PREDICTOR_HAZARD_OUTPUT] }],
  warmUp: ({ scaler }) => ({ [PREDICTOR_INPUT]: { data: new Float32Array(scaler.width), dims: [1, scaler.width] } }),
};

export const classifierDefinition: ModelDefinition<ClassifierManifest> = {
  name: ERROR_CLASSIFIER,
  accept(manifest) {
    const fields = requireObject(ERROR_CLASSIFIER, manifest);
    requireSameHash("text encoder", fields.encoderHash, CLASSIFIER_ENCODER_HASH);
    // As above: an equal encoder hash says the same writer's shape.
    return manifest as ClassifierManifest;
  },
  enterAt: CLASSIFIER_ENTRIES,
  warmUp: (manifest) => classifierFeeds(manifest, new Float32Array(manifest.inputWidth), 1),
};

function requireObject(name: string, manifest: unknown): Record<string, unknown> {
  if (typeof manifest === "object" && manifest !== null) return { ...manifest };
  throw new HarbingerError("CONFLICT", `the manifest of ${name} is not an object`);
}
