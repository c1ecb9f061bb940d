/** Multinomial logistic regression on sparse rows: mean log loss with an L2 penalty, by L-BFGS. Deterministic. */
import { softmax } from "../../models/fusion/pool.ts";
import { minimise } from "../fit/minimise.ts";
import type { Sparse } from "./features.ts";

export interface RegressionRow {
  input: Sparse;
  /** in [0, classes) */
  target: number;
  /** > 0 */
  weight: number;
}

export interface RegressionOptions {
  classes: number;
  /** penalty on all weights together, in rows: what C = 1 / l2 is elsewhere */
  l2: number;
}

export interface Regression {
  /** @returns shape [classes], sums to 1 */
  score(input: Sparse): Float64Array;
}

const MAX_STEPS = 40;

export function fitRegression(rows: readonly RegressionRow[], { classes, l2 }: RegressionOptions): Regression {
  const columns = recurringInputs(rows);
  const bias = columns.size * classes;
  const placed = rows.map(({ input, ...row }) => ({ ...row, ...placeIn(columns, input, classes) }));
  const logits = new Float64Array(classes);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    for (let i = 0; i < bias; i++) {
      gradient[i] = l2 * point[i]!;
      loss += 0.5 * l2 * point[i]! * point[i]!;
    }
    gradient.fill(0, bias);
    for (const { offsets, values, target, weight } of placed) {
      for (let c = 0; c < classes; c++) logits[c] = point[bias + c]!;
      for (let i = 0; i < offsets.length; i++) {
        const [offset, value] = [offsets[i]!, values[i]!];
        for (let c = 0; c < classes; c++) logits[c]! += value * point[offset + c]!;
      }
      const slope = softmax(logits);
      loss -= weight * Math.log(Math.max(slope[target]!, 1e-12));
      slope[target]! -= 1;
      for (let c = 0; c < classes; c++) slope[c]! *= weight;
      for (let i = 0; i < offsets.length; i++) {
        const [offset, value] = [offsets[i]!, values[i]!];
        for (let c = 0; c < classes; c++) gradient[offset + c]! += value * slope[c]!;
      }
      for (let c = 0; c < classes; c++) gradient[bias + c]! += slope[c]!;
    }
    return loss;
  };
  const fitted = minimise(objective, new Float64Array(bias + classes), MAX_STEPS);
  return {
    score(input) {
      const scores = fitted.slice(bias);
      const { offsets, values } = placeIn(columns, input, classes);
      for (const [at, offset] of offsets.entries())
        for (let c = 0; c < classes; c++) scores[c]! += values[at]! * fitted[offset + c]!;
      return softmax(scores);
    },
  };
}

/** What only one row has says nothing of another. */
function recurringInputs(rows: readonly RegressionRow[]): Map<number, number> {
  const seen = new Set<number>();
  const columns = new Map<number, number>();
  for (const { input } of rows) {
    for (const index of input.indices) {
      if (!seen.has(index)) seen.add(index);
      else if (!columns.has(index)) columns.set(index, columns.size);
    }
  }
  return columns;
}

function placeIn(
  columns: ReadonlyMap<number, number>,
  { indices, values }: Sparse,
  classes: number,
): { offsets: number[]; values: number[] } {
  const kept = [...indices.keys()].filter((at) => columns.has(indices[at]!));
  return { offsets: kept.map((at) => columns.get(indices[at]!)! * classes), values: kept.map((at) => values[at]!) };
}
