/** Scores of answers over classes, where an error may have several acceptable classes. */
import { argmax } from "../../models/fusion/pool.ts";
import { ERROR_CLASSES, type ErrorClass } from "../../models/taxonomy/classes.ts";

export interface Judged {
  class: ErrorClass;
  also: readonly ErrorClass[];
}

export interface Scores {
  rows: number;
  /** share whose most likely class is acceptable; a silent voice is wrong */
  accuracy: number;
  /** mean −log of the probability of the acceptable classes together */
  logLoss: number;
  /** over `class`, counting an acceptable answer as that class */
  macroF1: number;
  /** mean |confidence − correctness| over ten equal-mass bins */
  calibrationError: number;
  /** share of rows on which the voice spoke */
  coverage: number;
}

const UNIFORM = new Float64Array(ERROR_CLASSES.length).fill(1 / ERROR_CLASSES.length);
const BINS = 10;

/** @param distributions per row over ERROR_CLASSES, null where the voice was silent */
export function scoreVoice(rows: readonly Judged[], distributions: readonly (Float64Array | null)[]): Scores {
  const correct = rows.map((row, index) => (isCorrect(row, distributions[index] ?? null) ? 1 : 0));
  const spoke = distributions.filter((distribution) => distribution !== null).length;
  return {
    rows: rows.length,
    accuracy: mean(correct),
    logLoss: mean(rows.map((row, index) => logLossOf(row, distributions[index] ?? null))),
    macroF1: macroF1(rows, distributions),
    calibrationError: binnedError(
      distributions.map((distribution) => (distribution === null ? 0 : distribution[argmax(distribution)]!)),
      correct,
    ),
    coverage: spoke / rows.length,
  };
}

export function isCorrect(row: Judged, distribution: Float64Array | null): boolean {
  if (distribution === null) return false;
  const answer = ERROR_CLASSES[argmax(distribution)]!;
  return answer === row.class || row.also.includes(answer);
}

/** −log of the probability of the acceptable classes together, at most 13.8; a silent voice gives all classes the same. */
export function logLossOf(row: Judged, distribution: Float64Array | null): number {
  return -Math.log(Math.max(1e-6, acceptableMass(row, distribution ?? UNIFORM)));
}

export function acceptableMass(row: Judged, distribution: Float64Array): number {
  return [row.class, ...row.also].reduce((sum, name) => sum + distribution[ERROR_CLASSES.indexOf(name)]!, 0);
}

/** Multi-class Brier score against the stated class (Brier 1950, section 2). */
export function brierOf(row: Judged, distribution: Float64Array): number {
  const target = ERROR_CLASSES.indexOf(row.class);
  return distribution.reduce((sum, probability, c) => sum + (probability - (c === target ? 1 : 0)) ** 2, 0);
}

function macroF1(rows: readonly Judged[], distributions: readonly (Float64Array | null)[]): number {
  const answers = rows.map((row, index) => {
    const distribution = distributions[index] ?? null;
    if (distribution === null) return null;
    return isCorrect(row, distribution) ? row.class : ERROR_CLASSES[argmax(distribution)]!;
  });
  const scores = ERROR_CLASSES.flatMap((name) => {
    const hits = rows.filter((row, index) => row.class === name && answers[index] === name).length;
    const said = answers.filter((answer) => answer === name).length;
    const were = rows.filter((row) => row.class === name).length;
    return were === 0 ? [] : [(2 * hits) / (said + were)];
  });
  return mean(scores);
}

function binnedError(confidence: readonly number[], correct: readonly number[]): number {
  const order = confidence.map((_, index) => index).sort((a, b) => confidence[a]! - confidence[b]! || a - b);
  let error = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const members = order.slice(Math.floor((bin * order.length) / BINS), Math.floor(((bin + 1) * order.length) / BINS));
    if (members.length === 0) continue;
    const gap = mean(members.map((index) => confidence[index]!)) - mean(members.map((index) => correct[index]!));
    error += (members.length / order.length) * Math.abs(gap);
  }
  return error;
}

/** @returns NaN of none */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
