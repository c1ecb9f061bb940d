/** Errors as sparse vectors for any set of labels: the classifier's own tokens, weighed by how rare they are (Sparck Jones 1972), and what
 *  its rules and its model say in their own classes. A project's labels often follow ours more closely than they follow words. */
import { encodeError, type Token, tokensOf } from "../../models/classifier/encoder.ts";
import { hash32 } from "../../models/classifier/hashing.ts";
import { scoreErrors } from "../../models/classifier/network.ts";
import { readError } from "../../models/classifier/read-error.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import type { ErrorRecord } from "../../models/telemetry/records.ts";
import type { ModelVoice } from "../../services/platform/classification/model-voice.ts";
import type { LabelledText } from "./label-set.ts";

export interface Sparse {
  indices: Uint32Array;
  values: Float32Array;
}

export interface EncodedText {
  /** each index once, in [0, TOKEN_WIDTH) */
  tokens: Sparse;
  /** distributions over our classes, less what each would be if nothing were known */
  votes: Float64Array;
}

/** D, inputs of tokens; votes follow. */
const TOKEN_WIDTH = 1 << 15;
const SEED = 0x61646170;

export async function encodeTexts(rows: readonly LabelledText[], model: ModelVoice): Promise<EncodedText[]> {
  const engine = createRuleEngine(RULES);
  const errors = rows.map(({ record }) => readError(record));
  const encoded = errors.map(encodeError);
  const scores = await scoreErrors(model.session, model.manifest, encoded);
  return errors.map((error, index) => {
    const own = scores[index]!;
    const { fired, distribution } = engine.evaluate(error);
    const rules = fired.length === 0 ? distribution.map(() => 0) : distribution.map((value) => value - 1 / own.length);
    return {
      tokens: hashTokens(tokensOf(encoded[index]!)),
      votes: Float64Array.from([...own.map((value) => value - 1 / own.length), ...rules]),
    };
  });
}

/** A text as the usual peer sees it: words of at least two characters and pairs of them, counted on a logarithmic scale. */
export function encodeWords({ body, exceptionMessage, stacktrace }: ErrorRecord): EncodedText {
  const text = stacktrace ?? exceptionMessage ?? (typeof body === "string" ? body : "");
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  const counts = new Map<string, number>();
  for (const [at, word] of words.entries()) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    const next = words[at + 1];
    if (next !== undefined) counts.set(`${word} ${next}`, (counts.get(`${word} ${next}`) ?? 0) + 1);
  }
  const tokens = hashTokens([...counts].map(([name, count]) => ({ name, value: 1 + Math.log(count) })));
  return { tokens, votes: new Float64Array(0) };
}

/** Adds up the values of tokens that share an index. */
export function hashTokens(tokens: readonly Pick<Token, "name" | "value">[]): Sparse {
  const values = new Map<number, number>();
  for (const { name, value } of tokens) {
    const index = hash32(name, SEED) % TOKEN_WIDTH;
    values.set(index, (values.get(index) ?? 0) + value);
  }
  return { indices: Uint32Array.from(values.keys()), values: Float32Array.from(values.values()) };
}

export interface VectorSettings {
  /** of rules and model beside the tokens, whose vector has length 1 */
  voteScale: number;
  /** tokens of fewer origins of the training rows are left out: they say whose error it is, not what it is */
  minOrigins: number;
}

interface TextOfOrigin extends EncodedText {
  origin: string;
}

/** @param training says which tokens are of use elsewhere, and with `feedback` which are rare
 *  @param feedback of the projects that are asked about: all its tokens are of use */
export function createVectoriser(
  training: readonly TextOfOrigin[],
  feedback: readonly TextOfOrigin[],
  { voteScale, minOrigins }: VectorSettings,
): (text: EncodedText) => Sparse {
  const frequency = new Uint32Array(TOKEN_WIDTH);
  const origins = new Map<number, Set<string>>();
  const useful = new Uint8Array(TOKEN_WIDTH);
  for (const { tokens, origin } of training) {
    for (const index of tokens.indices) {
      frequency[index]! += 1;
      const own = origins.get(index) ?? new Set();
      origins.set(index, own.add(origin));
      if (own.size >= minOrigins) useful[index] = 1;
    }
  }
  for (const { tokens } of feedback) {
    for (const index of tokens.indices) {
      frequency[index]! += 1;
      useful[index] = 1;
    }
  }
  const texts = training.length + feedback.length;
  const rarity = Float64Array.from(frequency, (count) => 1 + Math.log((1 + texts) / (1 + count)));
  return ({ tokens, votes }) => {
    const kept = [...tokens.indices.keys()].filter((at) => useful[tokens.indices[at]!] === 1);
    const weights = kept.map((at) => tokens.values[at]! * rarity[tokens.indices[at]!]!);
    const length = Math.sqrt(weights.reduce((sum, value) => sum + value * value, 0)) || 1;
    const voting = [...votes.keys()].filter((at) => votes[at]! * voteScale !== 0);
    return {
      indices: Uint32Array.from([...kept.map((at) => tokens.indices[at]!), ...voting.map((at) => TOKEN_WIDTH + at)]),
      values: Float32Array.from([
        ...weights.map((value) => value / length),
        ...voting.map((at) => voteScale * votes[at]!),
      ]),
    };
  };
}
