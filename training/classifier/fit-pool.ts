/** Fits what turns logits, rules and memory into calibrated answers: the softmax temperature of the model's own vote (Guo et al. 2017,
 *  section 4.2) and the exponents of the logarithmic pool, by log loss on families that neither the network nor the rules were
 *  made from. The pool is linear in its exponents, so this is a multinomial logistic regression on the voices' log probabilities
 *  (stacking, Wolpert 1992). Changed: a normal prior holds each voice's exponent loosely at 1, and what a class adds to the rules'
 *  exponent firmly at 0, since some classes have few rows. */
import { solveLinear } from "../../models/calibration/solve-linear.ts";
import { DEFAULT_FUSION_WEIGHTS, type FusionWeights } from "../../models/fusion/fusion-weights.ts";
import { argmax, poolVoices, softmax, VOICE_FLOOR, type Voices, weightBesideMemory } from "../../models/fusion/pool.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { acceptableMass, isCorrect, type Judged } from "./score-voices.ts";

export interface PoolExample extends Judged {
  logits: Float64Array;
  /** null when no rule fired */
  rules: Float64Array | null;
  /** null when nothing near is remembered */
  memory: Voices["memory"];
}

export interface FittedPool {
  temperature: number;
  fusion: FusionWeights;
}

const TEMPERATURES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3];
const TEMPERATURE_PULL = 0.01;
/** Precisions of the priors, in rows: chosen by five-fold cross-validation over families. */
const VOICE_PRECISION = 2;
const CLASS_PRECISION = 30;
const LOWEST = 0.05;
const STEPS = 40;
const STEP_LENGTH = 0.7;
const CLOSE_ENOUGH = 1e-5;
/** An answer that is right less often than this is not worth giving. */
const WORTHWHILE_ACCURACY = 0.5;
const MIN_ROWS_BELOW = 8;

/** @param examples none give the defaults: every voice as it is */
export function fitPool(examples: readonly PoolExample[]): FittedPool {
  if (examples.length === 0) return { temperature: 1, fusion: DEFAULT_FUSION_WEIGHTS };
  const temperature = fitTemperature(examples);
  const voices = examples.map((example) => voicesAt(example, temperature));
  const fusion = fitExponents(examples, voices);
  const pooled = voices.map((own) => poolVoices(own, fusion));
  return { temperature, fusion: { ...fusion, abstainBelow: abstentionThreshold(examples, pooled) } };
}

export function voicesAt({ logits, rules, memory }: PoolExample, temperature: number): Voices {
  return { rules, memory, model: softmaxAt(logits, temperature) };
}

function softmaxAt(logits: Float64Array, temperature: number): Float64Array {
  return softmax(logits.map((value) => value / temperature));
}

const CLASSES = ERROR_CLASSES.length;
/** Order of the parameters; those of the rules' classes follow. */
const [MODEL, MODEL_ALONE, RULES, MEMORY, BY_CLASS] = [0, 1, 2, 3, 4];
const PARAMETERS = BY_CLASS + CLASSES;

function fitExponents(examples: readonly Judged[], voices: readonly Voices[]): FusionWeights {
  const rows = voices.map(termsOf);
  const acceptable = examples.map(({ class: name, also }) =>
    ERROR_CLASSES.map((other) => (other === name || also.includes(other) ? 1 : 0)),
  );
  const prior = Array.from({ length: PARAMETERS }, (_, k): number => (k < BY_CLASS ? 1 : 0));
  const precision = prior.map((_, k) => (k < BY_CLASS ? VOICE_PRECISION : CLASS_PRECISION));
  let exponents = prior;
  for (let step = 0; step < STEPS; step++) {
    const slope = exponents.map((value, k) => -precision[k]! * (value - prior[k]!));
    const curvature = precision.map((value, k) => precision.map((_, l) => (k === l ? value : 0)));
    for (const [row, classes] of rows.entries()) addRow(classes, acceptable[row]!, exponents, slope, curvature);
    const move = solveLinear(curvature, slope);
    exponents = exponents.map((value, k) => value + STEP_LENGTH * move[k]!);
    for (let k = 0; k < BY_CLASS; k++) exponents[k] = Math.max(LOWEST, exponents[k]!);
    if (Math.max(...move.map(Math.abs)) < CLOSE_ENOUGH) break;
  }
  const at = (k: number): number => Number(exponents[k]!.toFixed(4));
  return {
    rules: at(RULES),
    model: at(MODEL),
    memory: at(MEMORY),
    rulesByClass: ERROR_CLASSES.map((_, c) => at(BY_CLASS + c)),
    modelAlone: Number((exponents[MODEL_ALONE]! / exponents[MODEL]!).toFixed(4)),
    abstainBelow: 0,
  };
}

/** What a class's score is made of: parameter and factor; a handful of pairs. */
type Terms = readonly (readonly [parameter: number, factor: number])[];

/** shape [C] */
function termsOf({ rules, model, memory }: Voices): Terms[] {
  const others = weightBesideMemory(memory);
  const logOf = (distribution: Float64Array, c: number): number => Math.log(Math.max(distribution[c]!, VOICE_FLOOR));
  return ERROR_CLASSES.map((_, c) => {
    const terms: [number, number][] = [];
    if (model !== null) terms.push([rules === null ? MODEL_ALONE : MODEL, others * logOf(model, c)]);
    if (rules !== null) terms.push([RULES, others * logOf(rules, c)], [BY_CLASS + c, others * logOf(rules, c)]);
    if (memory !== null) terms.push([MEMORY, logOf(memory.distribution, c)]);
    return terms;
  });
}

/** One row's share of the log likelihood's slope, and of its curvature without the part that the acceptable classes' own spread takes
 *  away: the matrix then stays positive, and steps stay downhill. */
function addRow(
  classes: readonly Terms[],
  acceptable: readonly number[],
  exponents: readonly number[],
  slope: number[],
  curvature: number[][],
): void {
  const pooled = softmax(classes.map((terms) => terms.reduce((sum, [k, factor]) => sum + factor * exponents[k]!, 0)));
  const mass = pooled.reduce((sum, probability, c) => sum + probability * acceptable[c]!, 0);
  const mean = new Array<number>(PARAMETERS).fill(0);
  for (const [c, terms] of classes.entries()) {
    const probability = pooled[c]!;
    const wanted = (probability * acceptable[c]!) / Math.max(mass, 1e-12);
    for (const [k, factor] of terms) {
      mean[k]! += probability * factor;
      slope[k]! += (wanted - probability) * factor;
      for (const [l, other] of terms) curvature[k]![l]! += probability * factor * other;
    }
  }
  for (let k = 0; k < PARAMETERS; k++) {
    if (mean[k] === 0) continue;
    for (let l = 0; l < PARAMETERS; l++) curvature[k]![l]! -= mean[k]! * mean[l]!;
  }
}

function fitTemperature(examples: readonly PoolExample[]): number {
  return best(TEMPERATURES, (candidate) => {
    const losses = examples.map((example) => loss(example, softmaxAt(example.logits, candidate)));
    return average(losses) + TEMPERATURE_PULL * Math.log(candidate) ** 2;
  });
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
