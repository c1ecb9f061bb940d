/** Chooses how to fit and how to pool on inner folds of what may be looked at, one setting after the other. */
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

/** Rows to learn from, and rows of other origins or of later times to be judged on. */
export interface Split {
  training: readonly LabelledEncoding[];
  heldOut: readonly LabelledEncoding[];
}

export interface Chosen {
  fit: FitSettings;
  pool: PoolExponents;
}

const START: FitSettings = { l2: 1, voteScale: 1, feedbackWeight: 2, originBalance: 0.5 };
const L2 = [0.3, 1, 3];
const ORIGIN_BALANCES = [0, 0.5, 1];
const VOTE_SCALES = [0, 1, 2];
const FEEDBACK_WEIGHTS = [1, 2, 4];
const NEIGHBOURS = [0, 0.5, 1, 2];
const MIXES = [0, 0.25, 0.5, 0.75, 1];
/** Share of held-out rows whose labels operators give, when that is what is chosen for. */
const FEEDBACK_SHARE = 0.3;

export function chooseSettings(splits: readonly Split[], classes: number, seed: number): Chosen {
  const judge = (fit: FitSettings, share: number): { accuracy: number; pool: PoolExponents } => {
    const judged = splits.flatMap((split, index) => {
      const random = createRandom(seed).fork(index);
      const { feedback, scored } = drawFeedback(split.heldOut, share, random);
      const ask = teach(split.training, feedback, classes, fit);
      return scored.map((text) => ({ target: text.target, opinions: ask(text) }));
    });
    return bestExponents(judged, share === 0 ? [0] : NEIGHBOURS, share === 0 ? [0] : MIXES);
  };
  const choose = <Key extends keyof FitSettings>(from: FitSettings, key: Key, values: number[], share: number) =>
    values
      .map((value) => ({ ...from, [key]: value }))
      .map((fit) => ({ fit, ...judge(fit, share) }))
      .reduce((best, next) => (next.accuracy > best.accuracy ? next : best));
  const { fit: penalised } = choose(START, "l2", L2, 0);
  const { fit: voting } = choose(penalised, "voteScale", VOTE_SCALES, 0);
  const { fit: balanced } = choose(voting, "originBalance", ORIGIN_BALANCES, 0);
  const { fit, pool } = choose(balanced, "feedbackWeight", FEEDBACK_WEIGHTS, FEEDBACK_SHARE);
  return { fit, pool };
}

export function drawFeedback(
  heldOut: readonly LabelledEncoding[],
  share: number,
  random: Random,
): { feedback: LabelledEncoding[]; scored: LabelledEncoding[] } {
  const order = random.permutation(heldOut.length);
  const count = Math.round(share * heldOut.length);
  const pick = (at: number): LabelledEncoding => heldOut[at]!;
  return { feedback: [...order.subarray(0, count)].map(pick), scored: [...order.subarray(count)].map(pick) };
}

function bestExponents(
  judged: readonly { target: number; opinions: Opinions }[],
  neighbourExponents: readonly number[],
  mixExponents: readonly number[],
): { accuracy: number; pool: PoolExponents } {
  let best = { accuracy: -1, pool: { neighbours: 0, mix: 0 } };
  for (const neighbours of neighbourExponents) {
    for (const mix of mixExponents) {
      const pool = { neighbours, mix };
      const right = judged.filter(({ target, opinions }) => argmax(poolOpinions(opinions, pool)) === target).length;
      if (right / judged.length > best.accuracy) best = { accuracy: right / judged.length, pool };
    }
  }
  return best;
}
