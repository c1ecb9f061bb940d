/** How much each voice counts in the logarithmic pool, and when to abstain. Fitted on families that the model never saw; moved by
 *  feedback afterwards. */
export interface FusionWeights {
  /** exponents of the voices' distributions; >= 0 */
  rules: number;
  model: number;
  memory: number;
  /** shape [C]: what is added to the exponent of the rules for each class, since rules are not equally reliable for all; default 0 */
  rulesByClass?: readonly number[];
  /** factor on the model's exponent where no rule fired, and nothing but the model says how sure one may be; default 1 */
  modelAlone?: number;
  /** below this pooled probability the answer is `unknown`; in [0, 1] */
  abstainBelow: number;
}

/** Before anything was fitted: each voice as it is. */
export const DEFAULT_FUSION_WEIGHTS: FusionWeights = { rules: 1, model: 1, memory: 1, abstainBelow: 0.35 };
