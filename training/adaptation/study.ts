/** How right answers are for projects (or times) that nothing was learned from, and how that grows with what operators say. */
import { argmax } from "../../models/fusion/pool.ts";
import { createRandom } from "../random.ts";
import { type LabelledEncoding, poolOpinions, teach } from "./adaptive-classifier.ts";
import { type Chosen, chooseSettings, drawFeedback, type Split } from "./choose-settings.ts";
import type { EncodedText } from "./features.ts";
import { macroF1 } from "./macro-f1.ts";

interface CurvePoint {
  /** share of the held-out rows whose labels operators gave; the rest is scored */
  feedback: number;
  rows: number;
  accuracy: number;
  macroF1: number;
  logLoss: number;
}

export interface Study {
  curve: CurvePoint[];
  /** TF-IDF of words and pairs of words with a logistic regression, on the same rows */
  peer: CurvePoint[];
  /** per outer fold */
  chosen: Chosen[];
}

/** One error as both see it. */
export interface StudyRow extends LabelledEncoding {
  words: EncodedText;
}

const INNER_FOLDS = 2;
/** scikit-learn's defaults: C = 1, every row the same weight. */
const PEER: Chosen = {
  fit: { l2: 1, voteScale: 0, minOrigins: 1, originBalance: 0, classBalance: 0, feedbackWeight: 1 },
  pool: { neighbours: 0, mix: 0 },
};

/** @param splits outer ones; settings are chosen within each one's training rows */
export function studyAdaptation(
  splits: readonly Split<StudyRow>[],
  classes: number,
  options: { shares: readonly number[]; seed: number; innerSplits(split: Split): Split[]; log(line: string): void },
): Study {
  const { shares, seed, innerSplits, log } = options;
  const ours = shares.map((): Answer[] => []);
  const peers = shares.map((): Answer[] => []);
  const chosen = splits.map((split, fold) => {
    const settings = chooseSettings(innerSplits(split), classes, seed);
    for (const [at, share] of shares.entries()) {
      const drawn = drawFeedback(split.heldOut, share, createRandom(seed).fork(100 + fold));
      ours[at]!.push(...answer(split.training, drawn, classes, settings));
      const { feedback, scored } = drawn;
      const inWords = { feedback: feedback.map(asWords), scored: scored.map(asWords) };
      peers[at]!.push(...answer(split.training.map(asWords), inWords, classes, PEER));
    }
    log(`fold ${fold + 1} of ${splits.length}: ${JSON.stringify(settings)}`);
    return settings;
  });
  const curveOf = (answers: readonly Answer[][]) => shares.map((feedback, at) => pointOf(feedback, answers[at]!));
  return { curve: curveOf(ours), peer: curveOf(peers), chosen };
}

interface Answer {
  target: number;
  distribution: Float64Array;
}

function answer(
  training: readonly LabelledEncoding[],
  { feedback, scored }: { feedback: readonly LabelledEncoding[]; scored: readonly LabelledEncoding[] },
  classes: number,
  { fit, pool }: Chosen,
): Answer[] {
  const ask = teach(training, feedback, classes, fit);
  return scored.map((text) => ({ target: text.target, distribution: poolOpinions(ask(text), pool) }));
}

function asWords({ words, origin, target }: StudyRow): LabelledEncoding {
  return { ...words, origin, target };
}

/** Whole origins are held out, in folds of about equal size: the largest first, each to the smallest fold. */
export function splitByOrigin<Row extends LabelledEncoding>(rows: readonly Row[], folds: number): Split<Row>[] {
  const sizes = new Map<string, number>();
  for (const { origin } of rows) sizes.set(origin, (sizes.get(origin) ?? 0) + 1);
  const totals = new Array<number>(folds).fill(0);
  const foldOf = new Map<string, number>();
  for (const [origin, size] of [...sizes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))) {
    const smallest = totals.indexOf(Math.min(...totals));
    foldOf.set(origin, smallest);
    totals[smallest]! += size;
  }
  return totals.map((_, fold) => ({
    training: rows.filter(({ origin }) => foldOf.get(origin) !== fold),
    heldOut: rows.filter(({ origin }) => foldOf.get(origin) === fold),
  }));
}

export function innerByOrigin({ training }: Split): Split[] {
  return splitByOrigin(training, INNER_FOLDS);
}

/** @param rows oldest first   @param share of them that comes before the cut */
export function splitByTime<Row extends LabelledEncoding>(rows: readonly Row[], share: number): Split<Row> {
  const cut = Math.floor(share * rows.length);
  return { training: rows.slice(0, cut), heldOut: rows.slice(cut) };
}

function pointOf(feedback: number, answers: readonly Answer[]): CurvePoint {
  const said = answers.map(({ distribution }) => argmax(distribution));
  const right = answers.filter(({ target }, index) => said[index] === target).length;
  const loss = answers.reduce(
    (sum, { target, distribution }) => sum - Math.log(Math.max(1e-6, distribution[target]!)),
    0,
  );
  return {
    feedback,
    rows: answers.length,
    accuracy: right / answers.length,
    macroF1: macroF1(
      answers.map(({ target }) => target),
      said,
    ),
    logLoss: loss / answers.length,
  };
}
