/** The recipe of the encoder in its plainest form: names written out, counted in maps. Slow, and there to be compared with. */
import { ENCODER_WIDTH, type Token } from "../../models/classifier/encoder.ts";
import { hash32 } from "../../models/classifier/hashing.ts";
import { simpleName } from "../../models/classifier/identifiers.ts";
import { messageTemplate } from "../../models/classifier/message-template.ts";
import type { ReadCause, ReadError } from "../../models/classifier/read-error.ts";

const SEED = 0x48415242;
const MAX_FRAMES = 5;

/** Length of the vector of each family of tokens, before the whole is scaled to length 1. */
const FAMILY_LENGTH = { type: 1, word: 1.2, char: 0.7, code: 1, frame: 0.4, outer: 0.6 } as const;
type Family = keyof typeof FAMILY_LENGTH;

/** @returns what `tokensOf(encodeError(error))` gives */
export function plainTokens(error: ReadError): Token[] {
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
  for (const word of plainWords(error.context).slice(0, 20)) bump(families.outer, `context:${word}`, 0.5);
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

function addRoot(root: ReadCause, families: Record<Family, Map<string, number>>): void {
  if (root.type !== null) addType(root.type, "type", families.type);
  const words = plainWords(root.message);
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
  const words = plainIdentifierWords(simpleName(type)).slice(0, 12);
  bump(counts, `${prefix}=${simpleName(type)}`, 1.2);
  for (const [index, word] of words.entries()) {
    if (!/^(?:exception|error|errors|err)$/.test(word)) bump(counts, `${prefix}:${word}`, 1);
    const next = words[index + 1];
    if (next !== undefined) bump(counts, `${prefix}:${word} ${next}`, 0.7);
  }
  const packages = plainIdentifierWords(type.slice(0, type.length - simpleName(type).length)).slice(0, 8);
  for (const word of packages) bump(counts, `package:${word}`, 0.3);
}

function addOuter(cause: ReadCause, counts: Map<string, number>): void {
  if (cause.type !== null) addType(cause.type, "outer-type", counts);
  for (const word of plainWords(cause.message).slice(0, 30)) bump(counts, `outer:${word}`, 0.5);
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
    for (const word of plainIdentifierWords(frame.function).slice(0, 6)) bump(counts, `frame:${word}`, 1);
    if (!frame.inApp)
      for (const word of plainIdentifierWords(frame.module).slice(-3)) bump(counts, `library:${word}`, 0.7);
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

/** `identifierWords`, by expressions. */
export function plainIdentifierWords(identifier: string): string[] {
  return identifier
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** `wordsOf`, by expressions. */
export function plainWords(message: string): string[] {
  const words: string[] = [];
  for (const [piece] of messageTemplate(message).matchAll(/<[a-z]{2,5}>|[\p{L}\p{N}_']+/gu)) {
    if (words.length >= 60) break;
    if (piece.startsWith("<")) words.push(piece);
    else for (const word of plainIdentifierWords(piece.replace(/'(?:s|t)?$/, ""))) words.push(word);
  }
  return words.slice(0, 60);
}
