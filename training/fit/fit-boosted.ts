/** Boosted trees as a second opinion on the hazards up to the horizon: one score f(x), and in bucket b the log-odds bias(b) + f(x), fitted
 *  to the same masked likelihood as the network. Trees see steps and interactions that the network smooths over.
 *
 *  Source: stochastic gradient boosting, Friedman 2002, on the discrete-time likelihood of Gensheimer & Narasimhan 2019; Changed: one score for
 *  all buckets (proportional odds), so that the few onsets in each are pooled. Same rows and seed, same trees. */
import { sigmoid, softplus } from "../../models/predictor/hazard.ts";
import { createRandom } from "../random.ts";
import { type BinnedColumns, binColumns } from "./bin-columns.ts";
import type { HazardRows } from "./fit-hazard.ts";
import { growTree, type RegressionTree, scoreTree } from "./grow-tree.ts";

export interface BoostedHazards {
  trees: RegressionTree[];
  /** hazard log-odds per bucket at score 0; as many as buckets are covered */
  bias: Float32Array;
}

export interface BoostOptions {
  width: number;
  /** B, buckets per row of targets */
  buckets: number;
  /** first buckets that are fitted */
  covered: number;
  /** at most */
  trees: number;
  leaves: number;
  /** in units of one independent observation */
  minCurvature: number;
  penalty: number;
  learningRate: number;
  /** share of the columns that each tree sees, in (0, 1] */
  columnShare: number;
  seed: number;
}

/** Share of the rows that each tree sees. */
const ROW_SHARE = 0.5;
/** Trees without a better loss on the stopping rows before it ends. */
const PATIENCE = 30;

/** @param stop later rows that decide how many trees are kept; null: all
 *  @param binned the columns of `train`, for whoever fits them more than once */
export function fitBoosted(
  train: HazardRows,
  stop: HazardRows | null,
  options: BoostOptions,
  binned: BinnedColumns = binColumns(train.x, options.width),
): BoostedHazards {
  const random = createRandom(options.seed);
  const bias = baseLogOdds(train, options);
  // Rows that share an outcome are one observation together.
  const duplication = train.n / Math.max(1, new Set(train.cluster).size);
  const grow = {
    leaves: options.leaves,
    minCurvature: options.minCurvature * duplication,
    penalty: options.penalty * duplication,
    learningRate: options.learningRate,
  };
  const score = new Float64Array(train.n);
  const stopScore = new Float64Array(stop?.n ?? 0);
  const gradient = new Float64Array(train.n);
  const curvature = new Float64Array(train.n);
  const trees: RegressionTree[] = [];
  let best = { loss: stop === null ? 0 : boostedLoss(stop, stopScore, bias, options.buckets), trees: 0 };
  for (let round = 1; round <= options.trees; round++) {
    const rows = chosen(train.n, ROW_SHARE, random);
    const candidates = chosen(binned.columns.length, options.columnShare, random);
    if (rows.length === 0 || candidates.length === 0) continue;
    for (const row of rows) differentiate(train, row, score[row]!, bias, options.buckets, gradient, curvature);
    const tree = growTree(binned, gradient, curvature, rows, candidates, grow);
    trees.push(tree);
    addScores(tree, train.x, options.width, score);
    if (stop === null) continue;
    addScores(tree, stop.x, options.width, stopScore);
    const loss = boostedLoss(stop, stopScore, bias, options.buckets);
    if (loss < best.loss) best = { loss, trees: trees.length };
    else if (trees.length - best.trees >= PATIENCE) break;
  }
  return { trees: stop === null ? trees : trees.slice(0, best.trees), bias };
}

/** @param x shape [n, width] @returns shape [n] */
export function boostedScores({ trees }: BoostedHazards, x: Float32Array, width: number): Float64Array {
  const score = new Float64Array(x.length / width);
  for (const tree of trees) addScores(tree, x, width, score);
  return score;
}

/** Negative log likelihood of the covered buckets. @param score shape [n] */
export function boostedLoss(rows: HazardRows, score: Float64Array, bias: Float32Array, buckets: number): number {
  let loss = 0;
  for (let row = 0; row < rows.n; row++) {
    for (let bucket = 0; bucket < bias.length; bucket++) {
      const cell = row * buckets + bucket;
      const logit = bias[bucket]! + score[row]!;
      loss += rows.weight[row]! * rows.mask[cell]! * (softplus(logit) - rows.label[cell]! * logit);
    }
  }
  return loss;
}

function addScores(tree: RegressionTree, x: Float32Array, width: number, into: Float64Array): void {
  for (let row = 0; row < into.length; row++) into[row] = into[row]! + scoreTree(tree, x, row * width);
}

function differentiate(
  rows: HazardRows,
  row: number,
  score: number,
  bias: Float32Array,
  buckets: number,
  gradient: Float64Array,
  curvature: Float64Array,
): void {
  let slope = 0;
  let bend = 0;
  for (let bucket = 0; bucket < bias.length; bucket++) {
    const cell = row * buckets + bucket;
    if (rows.mask[cell] === 0) break;
    const hazard = sigmoid(bias[bucket]! + score);
    slope += hazard - rows.label[cell]!;
    bend += hazard * (1 - hazard);
  }
  gradient[row] = rows.weight[row]! * slope;
  curvature[row] = rows.weight[row]! * bend;
}

/** With half an event added, so that an empty bucket stays finite. */
function baseLogOdds(rows: HazardRows, { buckets, covered }: BoostOptions): Float32Array {
  return Float32Array.from({ length: covered }, (_, bucket) => {
    let events = 0.5;
    let atRisk = 1;
    for (let row = 0; row < rows.n; row++) {
      events += rows.weight[row]! * rows.label[row * buckets + bucket]!;
      atRisk += rows.weight[row]! * rows.mask[row * buckets + bucket]!;
    }
    return Math.log(events / Math.max(0.5, atRisk - events));
  });
}

/** Each of n with a chance of `share`. */
function chosen(n: number, share: number, random: ReturnType<typeof createRandom>): Int32Array {
  const picked = new Int32Array(n);
  let count = 0;
  for (let index = 0; index < n; index++) if (random.uniform() < share) picked[count++] = index;
  return picked.slice(0, count);
}
