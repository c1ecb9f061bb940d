/** Runs the classifier's graph. Inputs: `features` [N, D]; `explained` [K, D] with `direction` [K, C] for explanations (one row of
 *  zeros when none are wanted). Outputs: `logits` [N, C]; `gradient` [K, D], `offset` [K, 1] and `slopes` [K, H].
 *
 *  The network is a linear map plus a ReLU layer, so within the region of one input it is exactly linear:
 *  direction · logits(x) = gradient · x + offset. The share of a token is its value times the gradient at its index; all shares and the
 *  offset add up to the log-odds, with no approximation.
 *
 *  An error has some hundred tokens among thousands of inputs. Where the graph was cut behind its input (`CLASSIFIER_ENTRIES`), only
 *  the rows of the weights that belong to tokens are read, and the gradient is worked out at tokens alone, from what the direction
 *  and the slopes of the hidden units say of them: gradient = direction · linearᵀ + slopes · hiddenᵀ. */
import type { TokenWeight } from "../fusion/classification.ts";
import { softmax } from "../fusion/pool.ts";
import { type EnteredNetwork, MIX_INPUT, type ModelSession, type NetworkEntry, type Tensor } from "../model-session.ts";
import { ENCODER_WIDTH, type EncodedError, writeDense } from "./encoder.ts";
import type { ClassifierManifest } from "./manifest.ts";

const MAX_BATCH = 64;
const SHOWN_TOKENS = 8;
const FEATURES = "features";
const EXPLAINED = "explained";

/** Where serving cuts the graph. Versions before there were slopes explain with the whole gradient. */
export const CLASSIFIER_ENTRIES = [
  { input: FEATURES, outputs: ["logits"] },
  { input: EXPLAINED, outputs: ["slopes", "offset"] },
] as const;

/** Feeds that ask for the logits of `n` rows and explain nothing. */
export function classifierFeeds(
  manifest: Pick<ClassifierManifest, "classes">,
  features: Float32Array,
  n: number,
): Record<string, Tensor> {
  const classes = manifest.classes.length;
  return {
    [FEATURES]: { data: features, dims: [n, ENCODER_WIDTH] },
    [EXPLAINED]: { data: new Float32Array(ENCODER_WIDTH), dims: [1, ENCODER_WIDTH] },
    direction: { data: new Float32Array(classes), dims: [1, classes] },
  };
}

/** @returns calibrated probabilities over the manifest's classes, per error */
export async function scoreErrors(
  session: ModelSession,
  manifest: ClassifierManifest,
  encoded: readonly EncodedError[],
): Promise<Float64Array[]> {
  const scores: Float64Array[] = [];
  const classes = manifest.classes.length;
  for (let from = 0; from < encoded.length; from += MAX_BATCH) {
    const batch = encoded.slice(from, from + MAX_BATCH);
    const logits = await logitsOf(session, manifest, batch);
    for (let row = 0; row < batch.length; row++) {
      const own = new Float64Array(classes);
      for (let c = 0; c < classes; c++) own[c] = logits[row * classes + c]! / manifest.temperature;
      scores.push(softmax(own));
    }
  }
  return scores;
}

/** @returns shape [n, C] */
async function logitsOf(
  session: ModelSession,
  manifest: ClassifierManifest,
  batch: readonly EncodedError[],
): Promise<Float32Array> {
  const network = session.entered?.[FEATURES];
  const feeds = network ? enteredFeeds(network, batch) : classifierFeeds(manifest, denseRows(batch), batch.length);
  const { logits } = await (network?.rest ?? session).run(feeds);
  return logits!.data;
}

export interface TokenQuestion {
  encoded: EncodedError;
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
    const direction = new Float32Array(batch.length * classes).fill(-1 / classes / manifest.temperature);
    for (const [row, question] of batch.entries())
      direction[row * classes + question.class]! += 1 / manifest.temperature;
    const { gradientOf, offset } = await regionsOf(session, manifest, batch, direction);
    for (const [row, question] of batch.entries()) answers.push(heaviest(question, gradientOf(row), offset[row]!));
  }
  return answers;
}

/** The linear map that the network is around each row: its gradient by index, and what it adds. */
interface Regions {
  gradientOf(row: number): (index: number) => number;
  offset: Float32Array;
}

/** @param direction shape [n, C] */
async function regionsOf(
  session: ModelSession,
  manifest: ClassifierManifest,
  questions: readonly TokenQuestion[],
  direction: Float32Array,
): Promise<Regions> {
  const classes = manifest.classes.length;
  const batch = questions.map(({ encoded }) => encoded);
  const asked: Tensor = { data: direction, dims: [batch.length, classes] };
  const network = session.entered?.[EXPLAINED];
  const [hidden] = network?.entries ?? [];
  const linear = session.entered?.[FEATURES]?.entries.find(({ weightName }) => weightName !== hidden?.weightName);
  if (network === undefined || hidden === undefined || linear === undefined) {
    const { gradient, offset } = await session.run({
      ...classifierFeeds(manifest, new Float32Array(ENCODER_WIDTH), 1),
      [EXPLAINED]: { data: denseRows(batch), dims: [batch.length, ENCODER_WIDTH] },
      direction: asked,
    });
    return { gradientOf: (row) => (index) => gradient!.data[row * ENCODER_WIDTH + index]!, offset: offset!.data };
  }
  const { slopes, offset } = await network.rest.run({ ...enteredFeeds(network, batch), direction: asked });
  return {
    gradientOf: (row) => (index) =>
      dotRow(linear, index, direction, row * classes) + dotRow(hidden, index, slopes!.data, row * hidden.columns),
    offset: offset!.data,
  };
}

/** Every error is a part of its own, and no mixture. */
function enteredFeeds({ entries }: EnteredNetwork, batch: readonly EncodedError[]): Record<string, Tensor> {
  const n = batch.length;
  const mix = new Float32Array(n * n);
  for (let row = 0; row < n; row++) mix[row * n + row] = 1;
  const feeds: Record<string, Tensor> = { [MIX_INPUT]: { data: mix, dims: [n, n] } };
  for (const entry of entries) {
    const data = new Float32Array(n * entry.columns);
    for (const [row, encoded] of batch.entries()) mapSparse(encoded, entry, data, row);
    feeds[entry.name] = { data, dims: [n, entry.columns] };
  }
  return feeds;
}

/** Adds what the entry makes of an error, four tokens at a time: a quarter of the reads and writes of the sums.
 *  @param target shape [n, columns], zero where it is written to */
function mapSparse(
  { indices, values }: EncodedError,
  { weight, bias, columns }: NetworkEntry,
  target: Float32Array,
  row: number,
): void {
  const at = row * columns;
  if (bias !== null) target.set(bias, at);
  let token = 0;
  for (; token + 3 < indices.length; token += 4) {
    const a = indices[token]! * columns;
    const b = indices[token + 1]! * columns;
    const c = indices[token + 2]! * columns;
    const d = indices[token + 3]! * columns;
    const va = values[token]!;
    const vb = values[token + 1]!;
    const vc = values[token + 2]!;
    const vd = values[token + 3]!;
    for (let column = 0; column < columns; column++) {
      target[at + column]! +=
        va * weight[a + column]! + vb * weight[b + column]! + vc * weight[c + column]! + vd * weight[d + column]!;
    }
  }
  for (; token < indices.length; token++) {
    const from = indices[token]! * columns;
    const value = values[token]!;
    for (let column = 0; column < columns; column++) target[at + column]! += value * weight[from + column]!;
  }
}

/** One row of an entry's weight times a vector. @param at where the vector begins */
function dotRow({ weight, columns }: NetworkEntry, row: number, vector: Float32Array, at: number): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) sum += weight[row * columns + column]! * vector[at + column]!;
  return sum;
}

function denseRows(batch: readonly EncodedError[]): Float32Array {
  const rows = new Float32Array(batch.length * ENCODER_WIDTH);
  for (const [row, encoded] of batch.entries()) writeDense(encoded, rows, row);
  return rows;
}

/** The graph's numbers have single precision: what rounding leaves between the shares and the log-odds of the answer goes to the bias, so
 *  that they add up exactly. */
function heaviest(
  { encoded, class: asked, probabilities }: TokenQuestion,
  gradient: (index: number) => number,
  offset: number,
): TokenWeight[] {
  const weights = encoded.values.map((value, token) => value * gradient(encoded.indices[token]!));
  const shown: number[] = [];
  for (const [token, weight] of weights.entries()) {
    if (shown.length === SHOWN_TOKENS && Math.abs(weight) <= Math.abs(weights[shown.at(-1)!]!)) continue;
    let at = shown.length;
    while (at > 0 && Math.abs(weights[shown[at - 1]!]!) < Math.abs(weight)) at--;
    shown.splice(at, 0, token);
    if (shown.length > SHOWN_TOKENS) shown.pop();
  }
  const top = shown.map((token) => ({ token: encoded.names.nameOf(token), weight: weights[token]! }));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const rest = sum - top.reduce((total, { weight }) => total + weight, 0);
  return [
    ...top,
    { token: "(other tokens)", weight: rest },
    { token: "(bias)", weight: probabilities === null ? offset : logOdds(probabilities, asked) - sum },
  ];
}

/** Of one class against the mean of all, natural logarithm. */
export function logOdds(probabilities: Float64Array, asked: number): number {
  const mean = probabilities.reduce((sum, probability) => sum + Math.log(probability), 0) / probabilities.length;
  return Math.log(probabilities[asked]!) - mean;
}
