/** Chooses how to fit and how to pool on inner folds of what may be looked at, one setting after the other. What counts is the mean of accuracy
 *  and macro-F1: labels that are rare among the rows are as much a label as the others. */
import { argmax } from "../../models/fusion/pool.ts";
import { createRandom, type Random } from "../random.ts";
import {
  type FitSettings,
  type LabelledEncoding,
  type Opinions,
  type PoolExponents,
  poolOpinions,
  teach,
} from "./adaptive-classifier.ts";
import { macroF1 } from "./macro-f1.ts";

/** Rows to learn from, and rows of other origins or of later times to be judged on. */
export interface Split<Row extends LabelledEncoding = LabelledEncoding> {
  training: readonly Row[];
  heldOut: readonly Row[];
}

export interface Chosen {
  fit: FitSettings;
  pool: PoolExponents;
}

const START: FitSettings = {
  l2: 1,
  voteScale: 2,
  minOrigins: 2,
  originBalance: 0.5,
  classBalance: 0,
  feedbackWeight: 2,
};
const TRIED = {
  minOrigins: [1, 2, 3],
  l2: [0.3, 1, 3],
  voteScale: [1, 2, 4],
  originBalance: [0, 0.5, 1],
  classBalance: [0, 0.25, 0.5, 0.75],
  feedbackWeight: [1, 2, 4],
} as const satisfies Record<keyof FitSettings, readonly number[]>;
const NEIGHBOURS = [0, 0.5, 1, 2];
const MIXES = [0, 0.25, 0.5, 0.75, 1];
/** Share of held-out rows whose labels operators give, when that is what is chosen for. */
const FEEDBACK_SHARE = 0.3;

interface Judged {
  fit: FitSettings;
  pool: PoolExponents;
  quality: number;
}

export function chooseSettings(splits: readonly Split[], classes: number, seed: number): Chosen {
  const judge = (fit: FitSettings, share: number): Judged => {
    const judged = splits.flatMap((split, index) => {
      const random = createRandom(seed).fork(index);
      const { feedback, scored } = drawFeedback(split.heldOut, share, random);
      const ask = teach(split.training, feedback, classes, fit);
      return scored.map((text) => ({ target: text.target, opinions: ask(text) }));
    });
    return { fit, ...bestExponents(judged, share === 0 ? [0] : NEIGHBOURS, share === 0 ? [0] : MIXES) };
  };
  const improve = (from: Judged, key: keyof FitSettings, share: number): Judged =>
    TRIED[key]
      .filter((value) => value !== from.fit[key])
      .map((value) => judge({ ...from.fit, [key]: value }, share))
      .reduce((best, next) => (next.quality > best.quality ? next : best), from);
  let alone = judge(START, 0);
  for (const key of ["minOrigins", "l2", "voteScale", "originBalance", "classBalance"] as const)
    alone = improve(alone, key, 0);
  const { fit, pool } = improve(judge(alone.fit, FEEDBACK_SHARE), "feedbackWeight", FEEDBACK_SHARE);
  return { fit, pool };
}

export function drawFeedback<Row extends LabelledEncoding>(
  heldOut: readonly Row[],
  share: number,
  random: Random,
): { feedback: Row[]; scored: Row[] } {
  const order = random.permutation(heldOut.length);
  const count = Math.round(share * heldOut.length);
  const pick = (at: number): Row => heldOut[at]!;
  return { feedback: [...order.subarray(0, count)].map(pick), scored: [...order.subarray(count)].map(pick) };
}

function bestExponents(
  judged: readonly { target: number; opinions: Opinions }[],
  neighbourExponents: readonly number[],
  mixExponents: readonly number[],
): { quality: number; pool: PoolExponents } {
  const targets = judged.map(({ target }) => target);
  let best = { quality: -1, pool: { neighbours: 0, mix: 0 } };
  for (const neighbours of neighbourExponents) {
    for (const mix of mixExponents) {
      const pool = { neighbours, mix };
      const answers = judged.map(({ opinions }) => argmax(poolOpinions(opinions, pool)));
      const quality = (accuracyOf(targets, answers) + macroF1(targets, answers)) / 2;
      if (quality > best.quality) best = { quality, pool };
    }
  }
  return best;
}

function accuracyOf(targets: readonly number[], answers: readonly number[]): number {
  return targets.filter((target, at) => target === answers[at]).length / targets.length;
}
