/** How right answers are for projects (or times) that nothing was learned from, and how that grows with what operators say. */
import { argmax } from "../../models/fusion/pool.ts";
import { createRandom } from "../random.ts";
import { type LabelledEncoding, poolOpinions, teach } from "./adaptive-classifier.ts";
import { type Chosen, chooseSettings, drawFeedback, type Split } from "./choose-settings.ts";

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
  /** per outer fold */
  chosen: Chosen[];
}

const INNER_FOLDS = 2;

/** @param splits outer ones; settings are chosen within each one's training rows */
export function studyAdaptation(
  splits: readonly Split[],
  classes: number,
  options: { shares: readonly number[]; seed: number; innerSplits(split: Split): Split[]; log(line: string): void },
): Study {
  const { shares, seed, innerSplits, log } = options;
  const answers = shares.map((): { target: number; distribution: Float64Array }[] => []);
  const chosen = splits.map((split, fold) => {
    const settings = chooseSettings(innerSplits(split), classes, seed);
    for (const [at, share] of shares.entries()) {
      const random = createRandom(seed).fork(100 + fold);
      const { feedback, scored } = drawFeedback(split.heldOut, share, random);
      const ask = teach(split.training, feedback, classes, settings.fit);
      answers[at]!.push(
        ...scored.map((text) => ({ target: text.target, distribution: poolOpinions(ask(text), settings.pool) })),
      );
    }
    log(`fold ${fold + 1} of ${splits.length}: ${JSON.stringify(settings)}`);
    return settings;
  });
  return { curve: shares.map((feedback, at) => pointOf(feedback, answers[at]!, classes)), chosen };
}

/** Whole origins are held out, in folds of about equal size: the largest first, each to the smallest fold. */
export function splitByOrigin(rows: readonly LabelledEncoding[], folds: number): Split[] {
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
export function splitByTime(rows: readonly LabelledEncoding[], share: number): Split {
  const cut = Math.floor(share * rows.length);
  return { training: rows.slice(0, cut), heldOut: rows.slice(cut) };
}

function pointOf(
  feedback: number,
  answers: readonly { target: number; distribution: Float64Array }[],
  classes: number,
): CurvePoint {
  const said = answers.map(({ distribution }) => argmax(distribution));
  const right = answers.filter(({ target }, index) => said[index] === target).length;
  const scores = Array.from({ length: classes }, (_, c) => {
    const were = answers.filter(({ target }) => target === c).length;
    const hits = answers.filter(({ target }, index) => target === c && said[index] === c).length;
    const named = said.filter((one) => one === c).length;
    return were === 0 ? null : (2 * hits) / (were + named);
  }).filter((score) => score !== null);
  const loss = answers.reduce(
    (sum, { target, distribution }) => sum - Math.log(Math.max(1e-6, distribution[target]!)),
    0,
  );
  return {
    feedback,
    rows: answers.length,
    accuracy: right / answers.length,
    macroF1: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    logLoss: loss / answers.length,
  };
}
