/** Moves the pool's exponents to where the labels want them: the maximum of the labels' likelihood under a normal prior around the
 *  fitted exponents (maximum a posteriori; Bishop 2006, section 4.5.1, for a model that is linear in its parameters). The
 *  likelihood of a logarithmic pool is concave in its exponents, so the maximum is one point, whatever the labels' order; Newton
 *  steps find it. Memory is left out: it would always agree with the labels that it is made of. */
import { ERROR_CLASSES } from "../taxonomy/classes.ts";
import type { FusionWeights } from "./fusion-weights.ts";
import { boundedInfluence, type GivenLabel } from "./given-label.ts";
import { scoreVoices, softmax } from "./pool.ts";

/** Precision of the prior: how many labels of middling surprise it takes to move an exponent by a tenth or so. */
const PRIOR_PRECISION = 50;
const NEWTON_STEPS = 12;
const LOWEST = 0.1;
const HIGHEST = 3;

/** @returns the fitted weights with other exponents for rules and model, each in [0.1, 3] */
export function learnWeights(
  labels: readonly GivenLabel[],
  modelVersion: string,
  fitted: FusionWeights,
): FusionWeights {
  const own = labels.filter(({ evidence }) => evidence.votes.modelVersion === modelVersion);
  if (own.length === 0) return fitted;
  const influence = boundedInfluence(own);
  const rows = own.map(({ class: said, evidence: { votes } }, index) => ({
    target: ERROR_CLASSES.indexOf(said),
    influence: influence[index]!,
    voices: {
      rules: votes.rules === null ? null : Float64Array.from(votes.rules),
      model: votes.model === null ? null : Float64Array.from(votes.model),
      memory: null,
    },
  }));
  let weights = fitted;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const slope = [
      -PRIOR_PRECISION * (weights.rules - fitted.rules),
      -PRIOR_PRECISION * (weights.model - fitted.model),
    ] as [number, number];
    // Negative second derivatives; the prior keeps the matrix away from singular.
    let rr = PRIOR_PRECISION;
    let rm = 0;
    let mm = PRIOR_PRECISION;
    for (const row of rows) {
      const { scores, perRules, perModel } = scoreVoices(row.voices, weights);
      const pooled = softmax(scores);
      const mean = { rules: 0, model: 0, rr: 0, rm: 0, mm: 0 };
      for (let c = 0; c < pooled.length; c++) {
        const [p, r, m] = [pooled[c]!, perRules[c]!, perModel[c]!];
        mean.rules += p * r;
        mean.model += p * m;
        mean.rr += p * r * r;
        mean.rm += p * r * m;
        mean.mm += p * m * m;
      }
      slope[0] += row.influence * (perRules[row.target]! - mean.rules);
      slope[1] += row.influence * (perModel[row.target]! - mean.model);
      rr += row.influence * (mean.rr - mean.rules ** 2);
      rm += row.influence * (mean.rm - mean.rules * mean.model);
      mm += row.influence * (mean.mm - mean.model ** 2);
    }
    const determinant = rr * mm - rm * rm;
    weights = {
      ...weights,
      rules: bounded(weights.rules + (mm * slope[0] - rm * slope[1]) / determinant),
      model: bounded(weights.model + (rr * slope[1] - rm * slope[0]) / determinant),
    };
  }
  return weights;
}

function bounded(exponent: number): number {
  return Math.min(HIGHEST, Math.max(LOWEST, exponent));
}
