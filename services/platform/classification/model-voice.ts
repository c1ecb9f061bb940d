import type { ClassifierManifest } from "../../../models/classifier/manifest.ts";
import { DEFAULT_FUSION_WEIGHTS, type FusionWeights } from "../../../models/fusion/fusion-weights.ts";
import type { Learned } from "../../../models/fusion/learned.ts";
import type { ModelSession } from "../../../models/model-session.ts";

/** What answers: a model with its name, or only the rules. */
export interface ModelVoice {
  version: string;
  manifest: ClassifierManifest;
  session: ModelSession;
}

/** The name of no model. */
export const RULES_ONLY = "rules_only";

/** As fitted with the model, moved by the labels of errors that it voted on. */
export function weightsFor({ learned, model }: { learned: Learned; model: ModelVoice | null }): FusionWeights {
  return learned.weightsFor(model?.version ?? RULES_ONLY, model?.manifest.fusion ?? DEFAULT_FUSION_WEIGHTS);
}
