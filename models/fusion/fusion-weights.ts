/** How much each voice counts in the logarithmic pool, and when to abstain. Fitted on families that the model never saw; moved by
 *  feedback afterwards. */
export interface FusionWeights {
  /** exponents of the voices' distributions; >= 0 */
  rules: number;
  model: number;
  memory: number;
  /** below this pooled probability the answer is `unknown`; in [0, 1] */
  abstainBelow: number;
}

/** Before anything was fitted: each voice as it is. */
export const DEFAULT_FUSION_WEIGHTS: FusionWeights = { rules: 1, model: 1, memory: 1, abstainBelow: 0.35 };
