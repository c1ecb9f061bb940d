/** Logarithmic opinion pool (Genest & Zidek 1986, section 3): the pooled probability of a class is proportional to the product of the
 *  voices' probabilities, each raised to its weight. Changed from the source: a remembered label silences the other voices in
 *  proportion to its trust, so that one correction outweighs a rule and a model that agree with each other. */
import { ERROR_CLASSES } from "../taxonomy/classes.ts";
import type { FusionWeights } from "./fusion-weights.ts";

/** Distributions over ERROR_CLASSES; null when the voice is silent. */
export interface Voices {
  rules: Float64Array | null;
  model: Float64Array | null;
  memory: { distribution: Float64Array; trust: number } | null;
}

const FLOOR = 1e-4;
/** Share of the others' weight that a fully trusted memory takes away. */
const SILENCING = 0.85;

/** @returns probabilities over ERROR_CLASSES that sum to 1; uniform when every voice is silent */
export function poolVoices(voices: Voices, weights: FusionWeights): Float64Array {
  const scores = new Float64Array(ERROR_CLASSES.length);
  const others = 1 - SILENCING * (voices.memory?.trust ?? 0);
  add(scores, voices.rules, weights.rules * others);
  add(scores, voices.model, weights.model * others);
  add(scores, voices.memory?.distribution ?? null, weights.memory);
  return softmax(scores);
}

function add(scores: Float64Array, distribution: Float64Array | null, weight: number): void {
  if (distribution === null) return;
  for (let c = 0; c < scores.length; c++) scores[c]! += weight * Math.log(Math.max(distribution[c]!, FLOOR));
}

export function softmax(scores: ArrayLike<number>): Float64Array {
  let max = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < scores.length; c++) max = Math.max(max, scores[c]!);
  const out = new Float64Array(scores.length);
  let sum = 0;
  for (let c = 0; c < scores.length; c++) sum += out[c] = Math.exp(scores[c]! - max);
  for (let c = 0; c < scores.length; c++) out[c]! /= sum;
  return out;
}

/** The same pool after it learnt from one label: a step along the gradient of the label's log probability.
 *  @param rate size of the step, e.g. 0.02
 *  @returns weights within [0.1, 3] */
export function learnFromLabel(voices: Voices, weights: FusionWeights, label: number, rate: number): FusionWeights {
  const pooled = poolVoices(voices, weights);
  const step = (distribution: Float64Array | null, weight: number): number => {
    if (distribution === null) return weight;
    let expected = 0;
    for (let c = 0; c < pooled.length; c++) expected += pooled[c]! * Math.log(Math.max(distribution[c]!, FLOOR));
    const gradient = Math.log(Math.max(distribution[label]!, FLOOR)) - expected;
    return Math.min(3, Math.max(0.1, weight + rate * gradient));
  };
  return { ...weights, rules: step(voices.rules, weights.rules), model: step(voices.model, weights.model) };
}

export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
