/** What is compared when similar errors are looked for: hashed features in three families that are weighed apart, so that a long stack
 *  trace does not drown its message.
 *
 *  - `calls`: class and function of each frame, without the package (a package is renamed more often than what is in it)
 *  - `names`: the words in those names, which a renamed or moved function still shares
 *  - `words`: the words of the messages, short numbers included: `expected 25 but was 26` says more than its template
 *
 *  Frames count less the further they are from the throw, after the position weights of Vasiliev et al. 2020 ("TraceSim: a method for
 *  calculating stack trace similarity", section 3.1). Changed from there: a bag of features instead of an alignment, so that an inverted
 *  index can hold them, and the innermost cause comes first. */
import { hash32 } from "../classifier/hashing.ts";
import { identifierWords, simpleName } from "../classifier/identifiers.ts";
import type { Cause, Frame } from "../classifier/parsed-error.ts";

export const FEATURE_FAMILIES = ["calls", "names", "words"] as const;
export type FeatureFamily = (typeof FEATURE_FAMILIES)[number];

/** Parallel arrays, shape [n] each; a hash stands at most once. */
export interface FamilyFeatures {
  hashes: Uint32Array;
  /** > 0 */
  weights: Float32Array;
}

export type ErrorFeatures = Readonly<Record<FeatureFamily, FamilyFeatures>>;

const MAX_FRAMES = 64;
const MAX_NAMES = 160;
const MAX_WORDS = 80;
const MAX_MESSAGE_LENGTH = 2_000;
/** Longer runs of digits are ids, times and addresses; they tell occurrences apart, not errors. */
const MAX_DIGITS = 4;
const SEEDS: Readonly<Record<FeatureFamily, number>> = { calls: 0x63616c6c, names: 0x6e616d65, words: 0x776f7264 };

/** @param chain outermost first, as `readError` gives it; the work is bounded by 64 frames and 80 words */
export function featuresOf(chain: readonly Pick<Cause, "message" | "frames">[]): ErrorFeatures {
  const frames = [...chain].reverse().flatMap((cause) => cause.frames);
  const calls = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [index, frame] of frames.slice(0, MAX_FRAMES).entries()) {
    const weight = 1 / Math.sqrt(index + 1);
    addCall(frame, weight, calls, names);
  }
  return { calls: hashed(calls, "calls"), names: hashed(names, "names"), words: hashed(messageWords(chain), "words") };
}

function addCall(frame: Frame, weight: number, calls: Map<string, number>, names: Map<string, number>): void {
  const place = simpleName(frame.module);
  const name = frame.function.replace(/\d+/g, "");
  const call = `${place}#${name}`;
  calls.set(call, (calls.get(call) ?? 0) + weight);
  for (const word of [...identifierWords(place), ...identifierWords(name)]) {
    // The first mention is the heaviest one.
    if (names.size < MAX_NAMES && !names.has(word)) names.set(word, weight);
  }
}

function messageWords(chain: readonly Pick<Cause, "message">[]): Map<string, number> {
  const words = new Map<string, number>();
  for (const { message } of chain) {
    for (const [word] of message
      .slice(0, MAX_MESSAGE_LENGTH)
      .toLowerCase()
      .matchAll(/[\p{L}\p{N}_]+/gu)) {
      if (words.size >= MAX_WORDS) return words;
      if (digitCount(word) <= MAX_DIGITS) words.set(word, 1);
    }
  }
  return words;
}

function digitCount(word: string): number {
  let count = 0;
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    if (code >= 48 && code <= 57) count++;
  }
  return count;
}

function hashed(features: ReadonlyMap<string, number>, family: FeatureFamily): FamilyFeatures {
  const weights = new Map<number, number>();
  for (const [feature, weight] of features) {
    const hash = hash32(feature, SEEDS[family]);
    weights.set(hash, (weights.get(hash) ?? 0) + weight);
  }
  return { hashes: Uint32Array.from(weights.keys()), weights: Float32Array.from(weights.values()) };
}
