/** Multinomial logistic regression on sparse rows: mean log loss with an L2 penalty, by L-BFGS. Deterministic. Rows lie one behind the
 *  other in flat arrays, and no step allocates, since one study fits it over a hundred times. */
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

const MAX_STEPS = 30;

export function fitRegression(rows: readonly RegressionRow[], { classes, l2 }: RegressionOptions): Regression {
  const columns = recurringInputs(rows);
  const bias = columns.size * classes;
  const { starts, places, values } = layOut(rows, columns, classes);
  const slope = new Float64Array(classes);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    let loss = 0;
    for (let i = 0; i < bias; i++) {
      gradient[i] = l2 * point[i]!;
      loss += 0.5 * l2 * point[i]! * point[i]!;
    }
    gradient.fill(0, bias);
    for (let row = 0; row < rows.length; row++) {
      const { target, weight } = rows[row]!;
      const [from, to] = [starts[row]!, starts[row + 1]!];
      for (let c = 0; c < classes; c++) slope[c] = point[bias + c]!;
      for (let i = from; i < to; i++) {
        const place = places[i]!;
        const value = values[i]!;
        for (let c = 0; c < classes; c++) slope[c]! += value * point[place + c]!;
      }
      toProbabilities(slope);
      loss -= weight * Math.log(Math.max(slope[target]!, 1e-12));
      slope[target]! -= 1;
      for (let c = 0; c < classes; c++) {
        slope[c]! *= weight;
        gradient[bias + c]! += slope[c]!;
      }
      for (let i = from; i < to; i++) {
        const place = places[i]!;
        const value = values[i]!;
        for (let c = 0; c < classes; c++) gradient[place + c]! += value * slope[c]!;
      }
    }
    return loss;
  };
  const fitted = minimise(objective, new Float64Array(bias + classes), MAX_STEPS);
  return {
    score({ indices, values: own }) {
      const scores = fitted.slice(bias);
      for (let at = 0; at < indices.length; at++) {
        const column = columns.get(indices[at]!);
        if (column === undefined) continue;
        for (let c = 0; c < classes; c++) scores[c]! += own[at]! * fitted[column * classes + c]!;
      }
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

/** Row r has the entries from starts[r] to starts[r + 1]; `places` are where each entry's weights begin. */
function layOut(
  rows: readonly RegressionRow[],
  columns: ReadonlyMap<number, number>,
  classes: number,
): { starts: Uint32Array; places: Uint32Array; values: Float64Array } {
  const most = rows.reduce((sum, { input }) => sum + input.indices.length, 0);
  const starts = new Uint32Array(rows.length + 1);
  const places = new Uint32Array(most);
  const values = new Float64Array(most);
  let length = 0;
  for (const [row, { input }] of rows.entries()) {
    for (let at = 0; at < input.indices.length; at++) {
      const column = columns.get(input.indices[at]!);
      if (column === undefined) continue;
      places[length] = column * classes;
      values[length++] = input.values[at]!;
    }
    starts[row + 1] = length;
  }
  return { starts, places, values };
}

function toProbabilities(logits: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < logits.length; c++) largest = Math.max(largest, logits[c]!);
  let sum = 0;
  for (let c = 0; c < logits.length; c++) sum += logits[c] = Math.exp(logits[c]! - largest);
  for (let c = 0; c < logits.length; c++) logits[c]! /= sum;
}
