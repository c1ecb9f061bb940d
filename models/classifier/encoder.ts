/** From an error that has been read to the input of the network: hashed tokens (Weinberger et al. 2009, "Feature hashing for large
 *  scale multitask learning"). Changed from the paper: no sign hash, so that a weight has the sign that its token shows in an
 *  explanation; each family of tokens is scaled to a length of its own, so a long message does not drown a type or a code. */
import { identifierWords, simpleName } from "./identifiers.ts";
import type { ReadCause, ReadError } from "./read-error.ts";
import { TokenCounts, type TokenNames } from "./token-counts.ts";
import { wordsOf } from "./words.ts";

/** D, the number of inputs. */
export const ENCODER_WIDTH = 8192;
/** Changes with every change of what a token is or where it lands: manifests carry its hash. */
export const ENCODER_RECIPE = `error-tokens/1 width=${ENCODER_WIDTH}`;

const MAX_FRAMES = 5;

/** Length of the vector of each family of tokens, before the whole is scaled to length 1. */
const FAMILY_LENGTH = { type: 1, word: 1.2, char: 0.7, code: 1, frame: 0.4, outer: 0.6 } as const;

export interface Token {
  /** readable, e.g. `type:socket timeout`, `word:timed out`, `code:sqlstate:57014` */
  name: string;
  /** in [0, D) */
  index: number;
  value: number;
}

/** The tokens of an error in order, n of them; their values have Euclidean length 1 unless tokens share an index. */
export interface EncodedError {
  /** shape [n], each in [0, D) */
  indices: readonly number[];
  /** shape [n] */
  values: readonly number[];
  /** made when it is asked for: most errors never show their tokens */
  readonly names: TokenNames;
}

export type EncodeError = (error: ReadError) => EncodedError;

/** @returns `encodeError` for many errors: it works in the same memory for all of them */
export function createErrorEncoder(): EncodeError {
  const counts = new TokenCounts();
  return (error) => {
    counts.clear();
    return new CountedError(error, counts);
  };
}

export function encodeError(error: ReadError): EncodedError {
  return new CountedError(error, new TokenCounts());
}

class CountedError implements EncodedError {
  readonly indices: number[] = [];
  readonly values: number[] = [];
  readonly #error: ReadError;
  #names: TokenCounts | null = null;

  /** @param counts empty; may be used for other errors afterwards */
  constructor(error: ReadError, counts: TokenCounts) {
    this.#error = error;
    countTokens(error, counts, this.values);
    const length = lengthOf(this.values, 0, this.values.length) || 1;
    for (let token = 0; token < this.values.length; token++) {
      this.values[token]! /= length;
      this.indices.push(counts.hashes[token]! % ENCODER_WIDTH);
    }
  }

  get names(): TokenNames {
    if (this.#names === null) {
      this.#names = new TokenCounts();
      countTokens(this.#error, this.#names, []);
    }
    return this.#names;
  }
}

/** @param values takes the counts, scaled by family */
function countTokens(error: ReadError, counts: TokenCounts, values: number[]): void {
  const { root } = error;
  const words = wordsOf(root.message);
  if (root.type !== null) addType(root.type, "type", counts);
  finishFamily("type", counts, values);
  addWords(words, counts);
  finishFamily("word", counts, values);
  addCharGrams(words, counts);
  finishFamily("char", counts, values);
  addCodes(error, counts);
  finishFamily("code", counts, values);
  addFrames(error, counts);
  finishFamily("frame", counts, values);
  addOuter(error, counts);
  finishFamily("outer", counts, values);
}

/** Scales what was counted since the last family. */
function finishFamily(family: keyof typeof FAMILY_LENGTH, counts: TokenCounts, values: number[]): void {
  const from = values.length;
  const scale = FAMILY_LENGTH[family] / (lengthOf(counts.counts, from, counts.size) || 1);
  for (let token = from; token < counts.size; token++) values.push(counts.counts[token]! * scale);
  counts.startFamily();
}

/** @param token its number, in [0, n) */
export function tokenOf({ indices, values, names }: EncodedError, token: number): Token {
  return { name: names.nameOf(token), index: indices[token]!, value: values[token]! };
}

export function tokensOf(encoded: EncodedError): Token[] {
  return encoded.indices.map((_, token) => tokenOf(encoded, token));
}

/** Adds the tokens up in one row of a dense matrix.
 *  @param target shape [n, D], zero where it is written to */
export function writeDense({ indices, values }: EncodedError, target: Float32Array, row: number): void {
  const offset = row * ENCODER_WIDTH;
  for (let token = 0; token < indices.length; token++) target[offset + indices[token]!]! += values[token]!;
}

function addWords(words: readonly string[], counts: TokenCounts): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [next, third] = [words[at + 1], words[at + 2]];
    counts.add("word", word, word.startsWith("<") ? 0.3 : 1);
    if (next !== undefined) counts.addPair("word", word, next, 0.8);
    if (third !== undefined) counts.addAround("word", word, third, 0.4);
  }
}

function addCharGrams(words: readonly string[], counts: TokenCounts): void {
  for (const word of words) {
    if (word.startsWith("<")) continue;
    const padded = `^${word}$`;
    for (let size = 3; size <= 5; size += 2) {
      for (let at = 0; at + size <= padded.length; at++) counts.addPart("char", padded, at, size, 1);
    }
  }
}

function addType(type: string, kind: "type" | "outer-type", counts: TokenCounts): void {
  const simple = simpleName(type);
  const words = identifierWords(simple).slice(0, 12);
  counts.add(`${kind}=`, simple, 1.2);
  for (const [index, word] of words.entries()) {
    if (!isWordForError(word)) counts.add(kind, word, 1);
    const next = words[index + 1];
    if (next !== undefined) counts.addPair(kind, word, next, 0.7);
  }
  const packages = identifierWords(type.slice(0, type.length - simple.length)).slice(0, 8);
  for (const word of packages) counts.add("package", word, 0.3);
}

function isWordForError(word: string): boolean {
  return word === "exception" || word === "error" || word === "errors" || word === "err";
}

function addOuter({ chain, context }: ReadError, counts: TokenCounts): void {
  for (const cause of chain.slice(0, -1)) {
    if (cause.type !== null) addType(cause.type, "outer-type", counts);
    for (const word of wordsOf(cause.message).slice(0, 30)) counts.add("outer", word, 0.5);
  }
  for (const word of wordsOf(context).slice(0, 20)) counts.add("context", word, 0.5);
}

function addCodes(error: ReadError, counts: TokenCounts): void {
  for (const code of [...error.root.codes, ...error.attributeCodes]) {
    counts.add("code", code, 1);
    const [space, value = ""] = code.split(":");
    if (space === "sqlstate") counts.add("code", `sqlstate:${value.slice(0, 2)}*`, 0.6);
    if (space === "http") counts.add("code", `http:${value.slice(0, 1)}xx`, 0.4);
  }
}

function addFrames(error: ReadError, counts: TokenCounts): void {
  for (const frame of framesOf(error.root, error.chain)) {
    for (const word of identifierWords(frame.function).slice(0, 6)) counts.add("frame", word, 1);
    if (frame.inApp) continue;
    for (const word of identifierWords(frame.module).slice(-3)) counts.add("library", word, 0.7);
  }
}

function framesOf(root: ReadCause, chain: readonly ReadCause[]): ReadCause["frames"] {
  const frames = root.frames.length > 0 ? root.frames : (chain[0]?.frames ?? []);
  return frames.slice(0, MAX_FRAMES);
}

function lengthOf(values: ArrayLike<number>, from: number, to: number): number {
  let squares = 0;
  for (let at = from; at < to; at++) squares += values[at]! * values[at]!;
  return Math.sqrt(squares);
}
