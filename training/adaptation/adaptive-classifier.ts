/** A classifier for any set of labels that follows operators: a regression on what was known before and on their labels, pooled with what
 *  they said about errors like this one and about their project's errors on the whole. A logarithmic pool, as in models/fusion. */
import { softmax } from "../../models/fusion/pool.ts";
import { createVectoriser, type EncodedText, type VectorSettings } from "./features.ts";
import { createOperatorsMemory } from "./operators-memory.ts";
import { fitRegression, type RegressionRow } from "./softmax-regression.ts";

export interface LabelledEncoding extends EncodedText {
  origin: string;
  /** index of its label */
  target: number;
}

export interface FitSettings extends VectorSettings {
  l2: number;
  /** of an operator's label beside a training row */
  feedbackWeight: number;
  /** 0: each training row weighs the same; 1: each origin does */
  originBalance: number;
  /** 0: each training row weighs the same; 1: each label does */
  classBalance: number;
}

export interface PoolExponents {
  neighbours: number;
  mix: number;
}

/** What each voice says of one error. */
export interface Opinions {
  /** shape [classes] */
  regression: Float64Array;
  neighbours: Float64Array;
  trust: number;
  mix: Float64Array;
}

/** @returns a function that asks every voice */
export function teach(
  training: readonly LabelledEncoding[],
  feedback: readonly LabelledEncoding[],
  classes: number,
  settings: FitSettings,
): (text: EncodedText & { origin: string }) => Opinions {
  const vector = createVectoriser(training, feedback, settings);
  const labels = feedback.map((text) => ({ ...text, input: vector(text) }));
  const weights = balancedWeights(training, settings);
  const rows: RegressionRow[] = [
    ...training.map((text, at) => ({ input: vector(text), target: text.target, weight: weights[at]! })),
    ...labels.map(({ input, target }) => ({ input, target, weight: settings.feedbackWeight })),
  ];
  const regression = fitRegression(rows, { classes, l2: settings.l2 });
  const shares = new Float64Array(classes);
  for (const { target } of training) shares[target]! += 1 / training.length;
  const recall = createOperatorsMemory(labels, shares);
  return (text) => {
    const input = vector(text);
    return { regression: regression.score(input), ...recall(input, text.origin) };
  };
}

export function poolOpinions({ regression, neighbours, trust, mix }: Opinions, exponents: PoolExponents): Float64Array {
  return softmax(
    regression.map(
      (probability, c) =>
        Math.log(Math.max(probability, 1e-6)) +
        exponents.neighbours * trust * Math.log(neighbours[c]!) +
        exponents.mix * Math.log(mix[c]!),
    ),
  );
}

/** @returns weights whose mean is 1, shape [rows] */
function balancedWeights(
  rows: readonly LabelledEncoding[],
  { originBalance, classBalance }: Pick<FitSettings, "originBalance" | "classBalance">,
): number[] {
  const origins = countBy(rows.map(({ origin }) => origin));
  const classes = countBy(rows.map(({ target }) => target));
  const weights = rows.map(
    ({ origin, target }) => origins.get(origin)! ** -originBalance * classes.get(target)! ** -classBalance,
  );
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / rows.length;
  return weights.map((weight) => weight / mean);
}

function countBy<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
