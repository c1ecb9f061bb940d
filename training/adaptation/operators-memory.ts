/** What the operators of one origin said: about errors like this one (nearest neighbours by cosine, weights after Dudani 1976), and about its
 *  errors on the whole (class shares, shrunk towards those of training). */
import type { Sparse } from "./features.ts";

export interface RememberedText {
  input: Sparse;
  target: number;
  origin: string;
}

export interface LocalOpinion {
  /** shape [classes]: shares among the neighbours, smoothed */
  neighbours: Float64Array;
  /** likeness of the nearest, in [0, 1]; 0: none is near */
  trust: number;
  /** shape [classes]: class shares among the origin's labels against those of training; all 1 without labels */
  mix: Float64Array;
}

const NEIGHBOURS = 5;
const NEAR = 0.2;
const SMOOTHING = 0.1;
/** Labels that weigh as much as training's class shares do. */
const PRIOR_LABELS = 10;

export function createOperatorsMemory(
  remembered: readonly RememberedText[],
  trainingShares: Float64Array,
): (input: Sparse, origin: string) => LocalOpinion {
  const classes = trainingShares.length;
  const byIndex = new Map<number, { text: number; value: number }[]>();
  const lengths = remembered.map(({ input }) => Math.hypot(...input.values) || 1);
  for (const [text, { input }] of remembered.entries()) {
    for (const [at, index] of input.indices.entries()) {
      const list = byIndex.get(index) ?? [];
      list.push({ text, value: input.values[at]! });
      byIndex.set(index, list);
    }
  }
  const mixes = new Map<string, Float64Array>();
  const mixOf = (origin: string): Float64Array => {
    let mix = mixes.get(origin);
    if (mix === undefined) {
      const own = remembered.filter((text) => text.origin === origin);
      const counts = trainingShares.map((share) => share * PRIOR_LABELS);
      for (const { target } of own) counts[target]! += 1;
      mix = counts.map((count, c) => count / (PRIOR_LABELS + own.length) / Math.max(trainingShares[c]!, 1e-4));
      mixes.set(origin, mix);
    }
    return mix;
  };
  return (input, origin) => {
    const likeness = new Map<number, number>();
    for (const [at, index] of input.indices.entries()) {
      for (const { text, value } of byIndex.get(index) ?? [])
        likeness.set(text, (likeness.get(text) ?? 0) + value * input.values[at]!);
    }
    const length = Math.hypot(...input.values) || 1;
    const near = [...likeness]
      .map(([text, dot]) => ({ target: remembered[text]!.target, likeness: dot / length / lengths[text]! }))
      .filter((one) => one.likeness > NEAR)
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, NEIGHBOURS);
    const neighbours = new Float64Array(classes).fill(SMOOTHING / classes);
    for (const one of near) neighbours[one.target]! += one.likeness ** 2;
    const sum = neighbours.reduce((total, value) => total + value, 0);
    return { neighbours: neighbours.map((value) => value / sum), trust: near[0]?.likeness ?? 0, mix: mixOf(origin) };
  };
}
