/** How new an error is to a model: the share of what it says, in words, types and codes, that training never held. The threshold is what 95 %
 *  of errors of families that training never saw stay under, so that something beyond it is of a kind unlike even those. */
import { type EncodedError, type Token, tokenOf } from "../classifier/encoder.ts";
import { readVocabulary, type TokenVocabulary, type VocabularyReader } from "./token-vocabulary.ts";

/** What a model's manifest says of it. */
export interface NoveltyReference {
  vocabulary: TokenVocabulary;
  /** in [0, 1] */
  threshold: number;
}

export interface Novelty {
  /** share of unknown words, types and codes, by weight, in [0, 1] */
  unknownShare: number;
  threshold: number;
  /** beyond the threshold */
  novel: boolean;
}

const USUAL_SHARE = 0.95;

/** Single words, types and codes; pairs of words and parts of words say nothing more. */
export function telling(encoded: EncodedError): Token[] {
  const found: Token[] = [];
  for (let token = 0; token < encoded.indices.length; token++) {
    const kind = encoded.names.kindOf(token);
    if (kind !== "type" && kind !== "word" && kind !== "outer" && kind !== "code") continue;
    const own = tokenOf(encoded, token);
    if (/^(?:type:[^ ]+|word:[^ <]+|outer:[^ <]+|code:.+)$/.test(own.name)) found.push(own);
  }
  return found;
}

export type NoveltyMeter = (encoded: EncodedError) => Novelty;

export function createNoveltyMeter({ vocabulary, threshold }: NoveltyReference): NoveltyMeter {
  const reader = readVocabulary(vocabulary);
  return (encoded) => {
    const unknownShare = unknownShareOf(encoded, reader);
    return { unknownShare, threshold, novel: unknownShare > threshold };
  };
}

/** @param trained all rows that a model was fitted on */
export function vocabularyOf(trained: Iterable<EncodedError>): Set<string> {
  const names = new Set<string>();
  for (const encoded of trained) for (const { name } of telling(encoded)) names.add(name);
  return names;
}

/** @param unseen errors of families that `known` was made without; none give the highest threshold */
export function fitThreshold(known: ReadonlySet<string>, unseen: readonly EncodedError[]): number {
  const shares = unseen.map((encoded) => unknownShareOf(encoded, known)).sort((a, b) => a - b);
  const share = shares[Math.min(shares.length - 1, Math.floor(USUAL_SHARE * shares.length))] ?? 1;
  // Rounded up, so that the error that sets it stays under it.
  return Math.ceil(share * 1e4) / 1e4;
}

/** @returns 0 for an error without words */
function unknownShareOf(encoded: EncodedError, known: VocabularyReader): number {
  let all = 0;
  let unknown = 0;
  for (const { name, value } of telling(encoded)) {
    all += value;
    if (!known.has(name)) unknown += value;
  }
  return all === 0 ? 0 : unknown / all;
}
