/** Grows one regression tree by Newton steps on a loss: best leaf first, gains from histograms of gradients.
 *
 *  Source: Chen & Guestrin 2016, "XGBoost", section 2.2 (gain and leaf value), grown leaf-wise as in Ke et al. 2017; of two sisters only the
 *  smaller one is counted, the other is the parent less her. Deterministic: the first of equal gains wins. */
import { type BinnedColumns, MAX_BINS } from "./bin-columns.ts";

interface TreeNode {
  /** column of the input; -1: a leaf */
  column: number;
  /** a value below goes left */
  threshold: number;
  left: number;
  right: number;
  /** what a leaf adds to the score */
  value: number;
}

/** Node 0 is the root; children come after their parent. */
export type RegressionTree = readonly TreeNode[];

export interface GrowOptions {
  leaves: number;
  /** curvature that a leaf must hold at least: about the number of uncertain observations */
  minCurvature: number;
  /** precision of the Gaussian prior on a leaf's value */
  penalty: number;
  /** factor on leaf values */
  learningRate: number;
}

/** Per column and bin: gradient and curvature. */
const CELLS = 2 * MAX_BINS;

interface Leaf {
  node: number;
  from: number;
  to: number;
  gradient: number;
  curvature: number;
  histogram: Float64Array;
  split: { gain: number; candidate: number; bin: number };
}

/** @param gradient @param curvature shape [n], of the loss in the score
 *  @param rows which rows to grow on, reordered by this function @param candidates indices into `binned.columns` */
export function growTree(
  binned: BinnedColumns,
  gradient: Float64Array,
  curvature: Float64Array,
  rows: Int32Array,
  candidates: Int32Array,
  options: GrowOptions,
): RegressionTree {
  const nodes: TreeNode[] = [];
  const spare = new Int32Array(rows.length);
  const [ownGradient, ownCurvature] = [new Float64Array(rows.length), new Float64Array(rows.length)];

  const count = (from: number, to: number): Float64Array => {
    const histogram = new Float64Array(candidates.length * CELLS);
    // Gathered once for all columns: rows lie all over memory.
    for (let at = from; at < to; at++) {
      ownGradient[at] = gradient[rows[at]!]!;
      ownCurvature[at] = curvature[rows[at]!]!;
    }
    for (let index = 0; index < candidates.length; index++) {
      const bins = binned.bins[candidates[index]!]!;
      const offset = index * CELLS;
      for (let at = from; at < to; at++) {
        const cell = offset + 2 * bins[rows[at]!]!;
        histogram[cell] = histogram[cell]! + ownGradient[at]!;
        histogram[cell + 1] = histogram[cell + 1]! + ownCurvature[at]!;
      }
    }
    return histogram;
  };

  const bestSplit = (histogram: Float64Array, total: number, weight: number): Leaf["split"] => {
    const { penalty, minCurvature } = options;
    const before = total ** 2 / (weight + penalty);
    let best = { gain: 0, candidate: -1, bin: 0 };
    candidates.forEach((candidate, index) => {
      const last = binned.cuts[candidate]!.length;
      let leftGradient = 0;
      let leftWeight = 0;
      for (let bin = 0; bin < last; bin++) {
        const cell = index * CELLS + 2 * bin;
        leftGradient += histogram[cell]!;
        leftWeight += histogram[cell + 1]!;
        const rightWeight = weight - leftWeight;
        if (leftWeight < minCurvature || rightWeight < minCurvature) continue;
        const gain =
          leftGradient ** 2 / (leftWeight + penalty) + (total - leftGradient) ** 2 / (rightWeight + penalty) - before;
        if (gain > best.gain) best = { gain, candidate, bin };
      }
    });
    return best;
  };

  const addLeaf = (from: number, to: number, total: number, weight: number, histogram: Float64Array): Leaf => {
    const value = (-options.learningRate * total) / (weight + options.penalty);
    nodes.push({ column: -1, threshold: 0, left: -1, right: -1, value });
    const split = bestSplit(histogram, total, weight);
    return { node: nodes.length - 1, from, to, gradient: total, curvature: weight, histogram, split };
  };

  const divide = (leaf: Leaf): [Leaf, Leaf] => {
    const { candidate, bin } = leaf.split;
    const bins = binned.bins[candidate]!;
    let middle = leaf.from;
    let kept = 0;
    let leftGradient = 0;
    let leftWeight = 0;
    for (let at = leaf.from; at < leaf.to; at++) {
      const row = rows[at]!;
      if (bins[row]! <= bin) {
        rows[middle++] = row;
        leftGradient += gradient[row]!;
        leftWeight += curvature[row]!;
      } else spare[kept++] = row;
    }
    rows.set(spare.subarray(0, kept), middle);
    const leftIsSmaller = middle - leaf.from <= leaf.to - middle;
    const smaller = leftIsSmaller ? count(leaf.from, middle) : count(middle, leaf.to);
    const larger = leaf.histogram;
    for (let cell = 0; cell < larger.length; cell++) larger[cell] = larger[cell]! - smaller[cell]!;
    const [ofLeft, ofRight] = leftIsSmaller ? [smaller, larger] : [larger, smaller];
    const left = addLeaf(leaf.from, middle, leftGradient, leftWeight, ofLeft);
    const right = addLeaf(middle, leaf.to, leaf.gradient - leftGradient, leaf.curvature - leftWeight, ofRight);
    nodes[leaf.node] = {
      column: binned.columns[candidate]!,
      threshold: binned.cuts[candidate]![bin]!,
      left: left.node,
      right: right.node,
      value: 0,
    };
    return [left, right];
  };

  let total = 0;
  let weight = 0;
  for (const row of rows) {
    total += gradient[row]!;
    weight += curvature[row]!;
  }
  const open = [addLeaf(0, rows.length, total, weight, count(0, rows.length))];
  for (let leaves = 1; leaves < options.leaves; leaves++) {
    let best = 0;
    for (let index = 1; index < open.length; index++)
      if (open[index]!.split.gain > open[best]!.split.gain) best = index;
    if (open[best]!.split.candidate < 0) break;
    const [leaf] = open.splice(best, 1);
    open.push(...divide(leaf!));
  }
  return nodes;
}

/** @param x encoded inputs, one row from `offset` on */
export function scoreTree(tree: RegressionTree, x: Float32Array, offset: number): number {
  let node = tree[0]!;
  while (node.column >= 0) node = tree[x[offset + node.column]! < node.threshold ? node.left : node.right]!;
  return node.value;
}
