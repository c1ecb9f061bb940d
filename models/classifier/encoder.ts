/** From an error that has been read to the input of the network: hashed tokens (Weinberger et al. 2009, "Feature hashing for large
 *  scale multitask learning"). Changed from the paper: no sign hash, so that a weight has the sign that its token shows in an
 *  explanation; each family of tokens is scaled to a length of its own, so a long message does not drown a type or a code. */
import { hash32 } from "./hashing.ts";
import { identifierWords, simpleName } from "./identifiers.ts";
import type { ReadCause, ReadError } from "./read-error.ts";
import { wordsOf } from "./words.ts";

/** D, the number of inputs. */
export const ENCODER_WIDTH = 8192;
/** Changes with every change of what a token is or where it lands: manifests carry its hash. */
export const ENCODER_RECIPE = `error-tokens/1 width=${ENCODER_WIDTH}`;

const SEED = 0x48415242;
const MAX_FRAMES = 5;

/** Length of the vector of each family of tokens, before the whole is scaled to length 1. */
const FAMILY_LENGTH = { type: 1, word: 1.2, char: 0.7, code: 1, frame: 0.4, outer: 0.6 } as const;
type Family = keyof typeof FAMILY_LENGTH;

export interface Token {
  /** readable, e.g. `type:socket timeout`, `word:timed out`, `code:sqlstate:57014` */
  name: string;
  /** in [0, D) */
  index: number;
  value: number;
}

/** @returns the tokens of an error; their values have Euclidean length 1 unless tokens share an index */
export function encodeError(error: ReadError): Token[] {
  const families: Record<Family, Map<string, number>> = {
    type: new Map(),
    word: new Map(),
    char: new Map(),
    code: new Map(),
    frame: new Map(),
    outer: new Map(),
  };
  addRoot(error.root, families);
  for (const cause of error.chain.slice(0, -1)) addOuter(cause, families.outer);
  for (const word of wordsOf(error.context).slice(0, 20)) bump(families.outer, `context:${word}`, 0.5);
  addCodes(error, families.code);
  addFrames(error, families.frame);
  const tokens: Token[] = [];
  for (const [family, counts] of Object.entries(families)) {
    // Object.entries forgets the keys' type.
    const scale = FAMILY_LENGTH[family as Family] / (lengthOf(counts.values()) || 1);
    for (const [name, count] of counts)
      tokens.push({ name, index: hash32(name, SEED) % ENCODER_WIDTH, value: count * scale });
  }
  const length = lengthOf(tokens.map((token) => token.value)) || 1;
  for (const token of tokens) token.value /= length;
  return tokens;
}

/** Adds the tokens up in one row of a dense matrix.
 *  @param target shape [n, D], zero where it is written to */
export function writeDense(tokens: readonly Token[], target: Float32Array, row: number): void {
  const offset = row * ENCODER_WIDTH;
  for (const token of tokens) target[offset + token.index]! += token.value;
}

function addRoot(root: ReadCause, families: Record<Family, Map<string, number>>): void {
  if (root.type !== null) addType(root.type, "type", families.type);
  const words = wordsOf(root.message);
  for (const [index, word] of words.entries()) {
    bump(families.word, `word:${word}`, word.startsWith("<") ? 0.3 : 1);
    const next = words[index + 1];
    if (next !== undefined) bump(families.word, `word:${word} ${next}`, 0.8);
    const third = words[index + 2];
    if (third !== undefined) bump(families.word, `word:${word} _ ${third}`, 0.4);
    if (!word.startsWith("<")) addCharGrams(word, families.char);
  }
}

function addCharGrams(word: string, grams: Map<string, number>): void {
  const padded = `^${word}$`;
  for (const size of [3, 5]) {
    for (let at = 0; at + size <= padded.length; at++) bump(grams, `char:${padded.slice(at, at + size)}`, 1);
  }
}

function addType(type: string, prefix: string, counts: Map<string, number>): void {
  const words = identifierWords(simpleName(type)).slice(0, 12);
  bump(counts, `${prefix}=${simpleName(type)}`, 1.2);
  for (const [index, word] of words.entries()) {
    if (!/^(?:exception|error|errors|err)$/.test(word)) bump(counts, `${prefix}:${word}`, 1);
    const next = words[index + 1];
    if (next !== undefined) bump(counts, `${prefix}:${word} ${next}`, 0.7);
  }
  const packages = identifierWords(type.slice(0, type.length - simpleName(type).length)).slice(0, 8);
  for (const word of packages) bump(counts, `package:${word}`, 0.3);
}

function addOuter(cause: ReadCause, counts: Map<string, number>): void {
  if (cause.type !== null) addType(cause.type, "outer-type", counts);
  for (const word of wordsOf(cause.message).slice(0, 30)) bump(counts, `outer:${word}`, 0.5);
}

function addCodes(error: ReadError, counts: Map<string, number>): void {
  for (const code of [...error.root.codes, ...error.attributeCodes]) {
    bump(counts, `code:${code}`, 1);
    const [space, value = ""] = code.split(":");
    if (space === "sqlstate") bump(counts, `code:sqlstate:${value.slice(0, 2)}*`, 0.6);
    if (space === "http") bump(counts, `code:http:${value.slice(0, 1)}xx`, 0.4);
  }
}

function addFrames(error: ReadError, counts: Map<string, number>): void {
  const frames = error.root.frames.length > 0 ? error.root.frames : (error.chain[0]?.frames ?? []);
  for (const frame of frames.slice(0, MAX_FRAMES)) {
    for (const word of identifierWords(frame.function).slice(0, 6)) bump(counts, `frame:${word}`, 1);
    if (!frame.inApp) for (const word of identifierWords(frame.module).slice(-3)) bump(counts, `library:${word}`, 0.7);
  }
}

function lengthOf(values: Iterable<number>): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

function bump(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, Math.min((counts.get(name) ?? 0) + by, 2));
}
