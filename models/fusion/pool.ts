/** Logarithmic opinion pool (Genest & Zidek 1986, section 3): the pooled probability of a class is proportional to the product of the
 *  voices' probabilities, each raised to its weight. Changed from the source: the rules' weight depends on the class and the model's on
 *  whether a rule spoke at all, which makes the pool a calibration of its own (vector scaling, Guo et al. 2017, section 4.2, of
 *  the voices' log probabilities); a remembered label silences the other voices in proportion to its trust, so that one
 *  correction outweighs a rule and a model that agree with each other. */
import { ERROR_CLASSES } from "../taxonomy/classes.ts";
import type { FusionWeights } from "./fusion-weights.ts";

/** Distributions over ERROR_CLASSES; null when the voice is silent. */
export interface Voices {
  rules: Float64Array | null;
  /** how sure a rule that operators wrote is, in [0, 1]; default 0: none fired */
  operatorRule?: number;
  model: Float64Array | null;
  memory: { distribution: Float64Array; trust: number } | null;
}

/** Least probability that a voice is taken to give a class. */
export const VOICE_FLOOR = 1e-4;
/** Share of the others' weight that a fully trusted memory takes away, and of the model's that an operators' rule does: both are said by
 *  people of their own system. */
const SILENCING = 0.85;

/** @returns the share of their weight that rules and model keep beside a memory */
export function weightBesideMemory(memory: Voices["memory"]): number {
  return 1 - SILENCING * (memory?.trust ?? 0);
}

/** @returns probabilities over ERROR_CLASSES that sum to 1; uniform when every voice is silent */
export function poolVoices(voices: Voices, weights: FusionWeights): Float64Array {
  return softmax(scoreVoices(voices, weights).scores);
}

export interface VoiceScores {
  /** shape [C]: log probabilities but for a constant */
  scores: Float64Array;
  /** shape [C]: change of the scores per unit of `weights.rules` */
  perRules: Float64Array;
  /** shape [C]: change of the scores per unit of `weights.model` */
  perModel: Float64Array;
}

export function scoreVoices(voices: Voices, weights: FusionWeights): VoiceScores {
  const others = weightBesideMemory(voices.memory);
  const perRules = logOf(voices.rules, others);
  const besideRules = voices.rules === null ? (weights.modelAlone ?? 1) : 1 - SILENCING * (voices.operatorRule ?? 0);
  const perModel = logOf(voices.model, others * besideRules);
  const memory = logOf(voices.memory?.distribution ?? null, weights.memory);
  const scores = memory.map((score, c) => {
    const rules = Math.max(0, weights.rules + (weights.rulesByClass?.[c] ?? 0));
    return score + rules * perRules[c]! + weights.model * perModel[c]!;
  });
  return { scores, perRules, perModel };
}

function logOf(distribution: Float64Array | null, scale: number): Float64Array {
  if (distribution === null) return new Float64Array(ERROR_CLASSES.length);
  return distribution.map((probability) => scale * Math.log(Math.max(probability, VOICE_FLOOR)));
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

export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
