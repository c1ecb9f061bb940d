/** Fits what turns logits and rules into calibrated answers: the softmax temperature (Guo et al. 2017, section 4.2) and the exponents of
 *  the logarithmic pool, by log loss on families that neither the network nor the rules were made from. Few parameters, smooth
 *  enough for a grid; a weak pull towards 1 keeps small samples from extremes. */
import { DEFAULT_FUSION_WEIGHTS, type FusionWeights } from "../../models/fusion/fusion-weights.ts";
import { argmax, poolVoices, softmax } from "../../models/fusion/pool.ts";
import { acceptableMass, isCorrect, type Judged } from "./score-voices.ts";

export interface PoolExample extends Judged {
  logits: Float64Array;
  /** null when no rule fired */
  rules: Float64Array | null;
}

export interface FittedPool {
  temperature: number;
  fusion: FusionWeights;
}

const TEMPERATURES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3];
const EXPONENTS = [0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.2, 1.4];
const PULL = 0.01;
/** An answer that is right less often than this is not worth giving. */
const WORTHWHILE_ACCURACY = 0.5;
const MIN_ROWS_BELOW = 8;

/** @param examples none give the defaults: every voice as it is */
export function fitPool(examples: readonly PoolExample[]): FittedPool {
  if (examples.length === 0) return { temperature: 1, fusion: DEFAULT_FUSION_WEIGHTS };
  const temperature = best(TEMPERATURES, (candidate) => {
    const losses = examples.map((example) => loss(example, softmaxAt(example.logits, candidate)));
    return average(losses) + PULL * Math.log(candidate) ** 2;
  });
  const modelled = examples.map((example) => softmaxAt(example.logits, temperature));
  const pooledAt = (index: number, rules: number, model: number): Float64Array =>
    poolVoices(
      { rules: examples[index]!.rules, model: modelled[index]!, memory: null },
      { rules, model, memory: 1, abstainBelow: 0 },
    );
  const pairs = EXPONENTS.flatMap((rules) => EXPONENTS.map((model) => ({ rules, model })));
  const { rules, model } = best(pairs, (pair) => {
    const losses = examples.map((example, index) => loss(example, pooledAt(index, pair.rules, pair.model)));
    return average(losses) + PULL * ((pair.rules - 1) ** 2 + (pair.model - 1) ** 2);
  });
  const abstainBelow = abstentionThreshold(
    examples,
    examples.map((_, index) => pooledAt(index, rules, model)),
  );
  return { temperature, fusion: { rules, model, memory: 1, abstainBelow } };
}

/** The highest confidence (at most 0.45: a guess better than any other is worth more than silence) below which answers are right less
 *  often than is worthwhile. */
function abstentionThreshold(examples: readonly PoolExample[], pooled: readonly Float64Array[]): number {
  const order = pooled
    .map((distribution, index) => ({
      confidence: distribution[argmax(distribution)]!,
      right: isCorrect(examples[index]!, distribution),
    }))
    .sort((a, b) => a.confidence - b.confidence);
  let threshold = 0.2;
  let right = 0;
  for (const [index, entry] of order.entries()) {
    if (entry.confidence > 0.45) break;
    if (entry.right) right++;
    if (index + 1 >= MIN_ROWS_BELOW && right / (index + 1) < WORTHWHILE_ACCURACY) threshold = entry.confidence;
  }
  return Math.round(threshold * 1000) / 1000;
}

export function softmaxAt(logits: Float64Array, temperature: number): Float64Array {
  return softmax(logits.map((value) => value / temperature));
}

function loss(example: PoolExample, distribution: Float64Array): number {
  return -Math.log(Math.max(1e-6, acceptableMass(example, distribution)));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function best<Value>(candidates: readonly Value[], cost: (candidate: Value) => number): Value {
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError("nothing to choose from");
  let found: Value = first;
  let lowest = cost(first);
  for (const candidate of others) {
    const value = cost(candidate);
    if (value < lowest) {
      lowest = value;
      found = candidate;
    }
  }
  return found;
}
