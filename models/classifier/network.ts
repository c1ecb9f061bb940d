/** Runs the classifier's graph. Inputs: `features` [N, D]; `explained` [K, D] with `direction` [K, C] for explanations (one row of
 *  zeros when none are wanted). Outputs: `logits` [N, C]; `gradient` [K, D] and `offset` [K, 1].
 *
 *  The network is a linear map plus a ReLU layer, so within the region of one input it is exactly linear:
 *  direction · logits(x) = gradient · x + offset. The share of a token is its value times the gradient at its index; all shares and the
 *  offset add up to the log-odds, with no approximation. */
import type { TokenWeight } from "../fusion/classification.ts";
import { softmax } from "../fusion/pool.ts";
import type { ModelSession, Tensor } from "../model-session.ts";
import { ENCODER_WIDTH, type Token, writeDense } from "./encoder.ts";
import type { ClassifierManifest } from "./manifest.ts";

const MAX_BATCH = 256;
const SHOWN_TOKENS = 8;

/** Feeds that ask for the logits of `n` rows and explain nothing. */
export function classifierFeeds(
  manifest: Pick<ClassifierManifest, "classes">,
  features: Float32Array,
  n: number,
): Record<string, Tensor> {
  const classes = manifest.classes.length;
  return {
    features: { data: features, dims: [n, ENCODER_WIDTH] },
    explained: { data: new Float32Array(ENCODER_WIDTH), dims: [1, ENCODER_WIDTH] },
    direction: { data: new Float32Array(classes), dims: [1, classes] },
  };
}

/** @param encoded one list of tokens per error
 *  @returns calibrated probabilities over the manifest's classes, per error */
export async function scoreErrors(
  session: ModelSession,
  manifest: ClassifierManifest,
  encoded: readonly Token[][],
): Promise<Float64Array[]> {
  const scores: Float64Array[] = [];
  const classes = manifest.classes.length;
  for (let from = 0; from < encoded.length; from += MAX_BATCH) {
    const batch = encoded.slice(from, from + MAX_BATCH);
    const features = new Float32Array(batch.length * ENCODER_WIDTH);
    for (const [row, tokens] of batch.entries()) writeDense(tokens, features, row);
    const { logits } = await session.run(classifierFeeds(manifest, features, batch.length));
    for (let row = 0; row < batch.length; row++) {
      const own = logits!.data.subarray(row * classes, (row + 1) * classes);
      scores.push(softmax(Float64Array.from(own, (value) => value / manifest.temperature)));
    }
  }
  return scores;
}

export interface TokenQuestion {
  tokens: Token[];
  /** index of the class to explain */
  class: number;
  /** what the model gave, shape [C]; null: it was not asked, or has nothing to say */
  probabilities: Float64Array | null;
}

/** Why the model gives each error its class: log-odds of the class against the mean of all, by token.
 *  @returns per question the heaviest tokens, then `(other tokens)` and `(bias)`; each list adds up to the log-odds */
export async function explainTokens(
  session: ModelSession,
  manifest: ClassifierManifest,
  questions: readonly TokenQuestion[],
): Promise<TokenWeight[][]> {
  const classes = manifest.classes.length;
  const answers: TokenWeight[][] = [];
  for (let from = 0; from < questions.length; from += MAX_BATCH) {
    const batch = questions.slice(from, from + MAX_BATCH);
    const explained = new Float32Array(batch.length * ENCODER_WIDTH);
    const direction = new Float32Array(batch.length * classes).fill(-1 / classes / manifest.temperature);
    for (const [row, question] of batch.entries()) {
      writeDense(question.tokens, explained, row);
      direction[row * classes + question.class]! += 1 / manifest.temperature;
    }
    const { gradient, offset } = await session.run({
      ...classifierFeeds(manifest, new Float32Array(ENCODER_WIDTH), 1),
      explained: { data: explained, dims: [batch.length, ENCODER_WIDTH] },
      direction: { data: direction, dims: [batch.length, classes] },
    });
    for (const [row, question] of batch.entries()) {
      const own = gradient!.data.subarray(row * ENCODER_WIDTH, (row + 1) * ENCODER_WIDTH);
      answers.push(heaviest(question, own, offset!.data[row]!));
    }
  }
  return answers;
}

/** The graph's numbers have single precision: what rounding leaves between the shares and the log-odds of the answer goes to the bias, so
 *  that they add up exactly. */
function heaviest(
  { tokens, class: asked, probabilities }: TokenQuestion,
  gradient: Float32Array,
  offset: number,
): TokenWeight[] {
  const weights = tokens
    .map(({ name, index, value }) => ({ token: name, weight: value * gradient[index]! }))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  const rest = weights.slice(SHOWN_TOKENS).reduce((sum, { weight }) => sum + weight, 0);
  return [
    ...weights.slice(0, SHOWN_TOKENS),
    { token: "(other tokens)", weight: rest },
    { token: "(bias)", weight: probabilities === null ? offset : logOdds(probabilities, asked) - sum },
  ];
}

/** Of one class against the mean of all, natural logarithm. */
export function logOdds(probabilities: Float64Array, asked: number): number {
  const mean = probabilities.reduce((sum, probability) => sum + Math.log(probability), 0) / probabilities.length;
  return Math.log(probabilities[asked]!) - mean;
}
