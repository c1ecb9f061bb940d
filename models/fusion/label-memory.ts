/** What operators said about error groups, recalled for the same fingerprint or for one very close to it. Nearness is the share of
 *  equal minimum hashes over the error's tokens (Broder 1997, "On the resemblance and containment of documents"), compared only among
 *  errors of one exception type.
 *
 *  Each operator has one label per group, so a flood from one operator counts once; operators who disagree cancel out. */
import { hash32 } from "../classifier/hashing.ts";
import { messageTemplate } from "../classifier/message-template.ts";
import type { ReadError } from "../classifier/read-error.ts";
import { wordsOf } from "../classifier/words.ts";
import { ERROR_CLASSES, type ErrorClass } from "../taxonomy/classes.ts";

const HASH_COUNT = 48;
/** Below this resemblance a remembered label does not speak. */
const NEAR_SIMILARITY = 0.6;

export interface OperatorLabel {
  operator: string;
  class: ErrorClass;
  /** trust in this label, > 0 */
  weight: number;
  atMs: number;
}

export interface ErrorSignature {
  exceptionType: string;
  rootType: string;
  /** 48 minimum hashes, or none when the error has no words */
  hashes: number[];
}

export interface MemoryEntry {
  fingerprint: string;
  signature: ErrorSignature;
  labels: OperatorLabel[];
}

export interface Standing {
  class: ErrorClass;
  /** weight of those who said so minus the weight of the strongest other class; > 0 */
  weight: number;
  operators: number;
}

export interface Recollection extends Standing {
  fingerprint: string;
  /** 1 for the same fingerprint */
  similarity: number;
}

export interface LabelMemory {
  /** @returns null when nothing near is remembered or the operators contradict each other */
  recall(fingerprint: string, signature: () => ErrorSignature): Recollection | null;
  size: number;
}

export function createLabelMemory(entries: readonly MemoryEntry[]): LabelMemory {
  const byFingerprint = new Map(entries.map((entry) => [entry.fingerprint, entry]));
  const byType = new Map<string, MemoryEntry[]>();
  for (const entry of entries) {
    const key = typeKey(entry.signature);
    const alike = byType.get(key);
    if (alike === undefined) byType.set(key, [entry]);
    else alike.push(entry);
  }
  return {
    size: entries.length,
    recall(fingerprint, signature) {
      const exact = byFingerprint.get(fingerprint);
      if (exact !== undefined) {
        const standing = standingOf(exact.labels);
        return standing === null ? null : { ...standing, fingerprint, similarity: 1 };
      }
      if (byType.size === 0) return null;
      const asked = signature();
      let best: Recollection | null = null;
      for (const entry of byType.get(typeKey(asked)) ?? []) {
        const similarity = resemblance(asked.hashes, entry.signature.hashes);
        if (similarity < NEAR_SIMILARITY || (best !== null && similarity <= best.similarity)) continue;
        const standing = standingOf(entry.labels);
        if (standing !== null) best = { ...standing, fingerprint: entry.fingerprint, similarity };
      }
      return best;
    },
  };
}

/** What the labels of one group amount to.
 *  @returns null without labels, or when the two strongest classes weigh the same */
export function standingOf(labels: readonly OperatorLabel[]): Standing | null {
  const totals = new Map<ErrorClass, { weight: number; operators: number }>();
  for (const label of labels) {
    const before = totals.get(label.class) ?? { weight: 0, operators: 0 };
    totals.set(label.class, { weight: before.weight + label.weight, operators: before.operators + 1 });
  }
  const [first, second] = [...totals].sort(([, a], [, b]) => b.weight - a.weight);
  if (first === undefined) return null;
  const weight = first[1].weight - (second?.[1].weight ?? 0);
  return weight > 1e-9 ? { class: first[0], weight, operators: first[1].operators } : null;
}

export function signatureOf(error: ReadError): ErrorSignature {
  return {
    exceptionType: error.exceptionType ?? "",
    rootType: error.root.type ?? "",
    hashes: minimumHashes(signatureTokens(error)),
  };
}

/** Near is only what is alike in type: outer and root. */
function typeKey(signature: ErrorSignature): string {
  return `${signature.exceptionType}\u0000${signature.rootType}`;
}

function signatureTokens(error: ReadError): string[] {
  const words = wordsOf(messageTemplate(error.root.message, { maskQuoted: true }));
  const outer = error.chain.length > 1 ? wordsOf(messageTemplate(error.chain[0]!.message, { maskQuoted: true })) : [];
  const pairs = words.map((word, at) => `${word} ${words[at + 1] ?? "$"}`);
  const frames = (error.root.frames.length > 0 ? error.root.frames : error.chain[0]!.frames)
    .filter((frame) => frame.inApp)
    .slice(0, 3)
    .map((frame) => `${frame.module}#${frame.function}`);
  return [
    ...words,
    ...pairs,
    ...outer.map((word) => `outer ${word}`),
    ...frames,
    ...error.attributeCodes,
    ...error.root.codes,
  ];
}

function minimumHashes(tokens: readonly string[]): number[] {
  const unique = [...new Set(tokens)];
  if (unique.length === 0) return [];
  const base = unique.map((token) => hash32(token, 0x6d656d6f));
  return Array.from({ length: HASH_COUNT }, (_, index) => {
    let minimum = 0xffffffff;
    const multiplier = (Math.imul(index + 1, 0x9e3779b1) | 1) >>> 0;
    for (const hash of base) {
      const mixed = Math.imul(hash ^ (hash >>> 15) ^ Math.imul(index, 0x85ebca6b), multiplier) >>> 0;
      if (mixed < minimum) minimum = mixed;
    }
    return minimum;
  });
}

/** Whether a label of one error speaks for the other, and how alike they are.
 *  @returns in [0, 1]; 0 when they are too far apart or of different types */
export function nearness(left: ErrorSignature, right: ErrorSignature): number {
  if (typeKey(left) !== typeKey(right)) return 0;
  const similarity = resemblance(left.hashes, right.hashes);
  return similarity < NEAR_SIMILARITY ? 0 : similarity;
}

function resemblance(left: readonly number[], right: readonly number[]): number {
  if (left.length === 0 || left.length !== right.length) return 0;
  let equal = 0;
  for (let i = 0; i < left.length; i++) if (left[i] === right[i]) equal++;
  return equal / left.length;
}

/** The memory's own distribution, and how far it silences the other voices (0: not at all, 1: fully). */
export function memoryOpinion(recollection: Recollection): { distribution: Float64Array; trust: number } {
  const nearness =
    recollection.similarity === 1
      ? 1
      : Math.max(0, (recollection.similarity - NEAR_SIMILARITY) / (1 - NEAR_SIMILARITY)) * 0.8;
  const trust = nearness * (recollection.weight / (recollection.weight + 0.25));
  const certainty = 1 / ERROR_CLASSES.length + (0.995 - 1 / ERROR_CLASSES.length) * nearness * Math.min(1, 4 * trust);
  const rest = (1 - certainty) / (ERROR_CLASSES.length - 1);
  const distribution = new Float64Array(ERROR_CLASSES.length).fill(rest);
  distribution[ERROR_CLASSES.indexOf(recollection.class)] = certainty;
  return { distribution, trust };
}
