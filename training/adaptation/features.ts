/** Errors as sparse vectors for any set of labels: the classifier's own tokens, weighed by how rare they are (Sparck Jones 1972), and what
 *  its rules and its model say in their own classes. A project's labels often follow ours more closely than they follow words. */
import { encodeError, type Token } from "../../models/classifier/encoder.ts";
import { hash32 } from "../../models/classifier/hashing.ts";
import { scoreErrors } from "../../models/classifier/network.ts";
import { readError } from "../../models/classifier/read-error.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import type { ModelVoice } from "../../services/platform/classification/model-voice.ts";
import type { LabelledText } from "./label-set.ts";

export interface Sparse {
  indices: Uint32Array;
  values: Float32Array;
}

export interface EncodedText {
  tokens: readonly Token[];
  /** distributions over our classes, less what each would be if nothing were known */
  votes: Float64Array;
}

/** D, inputs of tokens; votes follow. */
const TOKEN_WIDTH = 1 << 15;
const SEED = 0x61646170;

export async function encodeTexts(rows: readonly LabelledText[], model: ModelVoice): Promise<EncodedText[]> {
  const engine = createRuleEngine(RULES);
  const errors = rows.map(({ record }) => readError(record));
  const tokens = errors.map(encodeError);
  const scores = await scoreErrors(model.session, model.manifest, tokens);
  return errors.map((error, index) => {
    const own = scores[index]!;
    const { fired, distribution } = engine.evaluate(error);
    const rules = fired.length === 0 ? distribution.map(() => 0) : distribution.map((value) => value - 1 / own.length);
    return {
      tokens: tokens[index]!,
      votes: Float64Array.from([...own.map((value) => value - 1 / own.length), ...rules]),
    };
  });
}

export interface Vectoriser {
  vector(text: EncodedText): Sparse;
}

/** @param texts whose tokens say what is rare   @param voteScale weight of rules and model beside the tokens, whose vector has length 1 */
export function createVectoriser(texts: readonly EncodedText[], voteScale: number): Vectoriser {
  const frequency = new Map<number, number>();
  for (const { tokens } of texts) {
    for (const index of new Set(tokens.map(({ name }) => slotOf(name))))
      frequency.set(index, (frequency.get(index) ?? 0) + 1);
  }
  const rarity = (index: number): number => 1 + Math.log((1 + texts.length) / (1 + (frequency.get(index) ?? 0)));
  return {
    vector({ tokens, votes: own }) {
      const weights = new Map<number, number>();
      for (const { name, value } of tokens) {
        const index = slotOf(name);
        weights.set(index, (weights.get(index) ?? 0) + value * rarity(index));
      }
      const length = Math.sqrt([...weights.values()].reduce((sum, value) => sum + value * value, 0)) || 1;
      const entries = [...weights].map(([index, value]): [number, number] => [index, value / length]);
      for (const [index, value] of own.entries())
        if (value !== 0) entries.push([TOKEN_WIDTH + index, voteScale * value]);
      return {
        indices: Uint32Array.from(entries, ([index]) => index),
        values: Float32Array.from(entries, ([, value]) => value),
      };
    },
  };
}

function slotOf(name: string): number {
  return hash32(name, SEED) % TOKEN_WIDTH;
}
