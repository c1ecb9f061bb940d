/** A small search for the settings of a fit: how strongly the network's weights are held back, how fine the trees may be and
 *  how many of them. Judged by the censored likelihood up to the horizon on the latest part of the training slice, which the
 *  candidates have not seen. Seeded: the same rows give the same choice. How much the trees have to say is decided later, on the
 *  calibration slice (choose-share.ts). */
import { softplus } from "../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { exportPredictor } from "../export/export-predictor.ts";
import { binColumns } from "./bin-columns.ts";
import { type BoostOptions, boostedLoss, boostedScores, fitBoosted } from "./fit-boosted.ts";
import { fitHazard, type HazardOptions, type HazardRows } from "./fit-hazard.ts";
import { inputLogits } from "./hazard-logits.ts";

const PENALTY_FACTORS = [0.25, 1, 4] as const;
const TREES = [
  { leaves: 8, minCurvature: 10, penalty: 10, learningRate: 0.08, columnShare: 0.4 },
  { leaves: 16, minCurvature: 10, penalty: 20, learningRate: 0.06, columnShare: 0.2 },
  { leaves: 16, minCurvature: 0.25, penalty: 0.25, learningRate: 0.15, columnShare: 0.4 },
  { leaves: 32, minCurvature: 1, penalty: 3, learningRate: 0.08, columnShare: 0.2 },
] as const;
const MOST_TREES = 200;
const EPOCHS = 8;
const MEMBERS = 2;

/** @param covered first buckets, up to the horizon @returns the best strength of the network's prior */
export async function searchPenalty(
  fit: HazardRows,
  judge: HazardRows,
  manifest: PredictorManifest,
  base: HazardOptions,
  covered: number,
): Promise<HazardOptions["penalty"]> {
  let best = { loss: Number.POSITIVE_INFINITY, penalty: base.penalty };
  for (const factor of PENALTY_FACTORS) {
    const penalty = scaled(base.penalty, factor);
    const options = { ...base, penalty, members: MEMBERS, epochs: Math.min(EPOCHS, base.epochs) };
    const { weights } = await fitHazard(fit, options);
    const logits = await inputLogits({ ...manifest, members: MEMBERS }, exportPredictor(weights), judge.x);
    const loss = lossOf(judge, logits, base.buckets, covered);
    if (loss < best.loss) best = { loss, penalty };
  }
  return best.penalty;
}

export type TreesBase = Pick<BoostOptions, "width" | "buckets" | "covered" | "seed">;

/** @returns the best kind of trees and how many of them; null: no trees helped at all */
export function searchTrees(fit: HazardRows, judge: HazardRows, base: TreesBase): BoostOptions | null {
  let best: { loss: number; options: BoostOptions } | null = null;
  const binned = binColumns(fit.x, base.width);
  for (const candidate of TREES) {
    const options = { ...candidate, ...base, trees: MOST_TREES };
    const boosted = fitBoosted(fit, judge, options, binned);
    if (boosted.trees.length === 0) continue;
    const loss = boostedLoss(judge, boostedScores(boosted, judge.x, base.width), boosted.bias, base.buckets);
    if (best === null || loss < best.loss) best = { loss, options: { ...options, trees: boosted.trees.length } };
  }
  return best?.options ?? null;
}

/** Negative log likelihood of the first buckets. @param logits shape [n, buckets] */
function lossOf(rows: HazardRows, logits: Float64Array, buckets: number, covered: number): number {
  let loss = 0;
  for (let row = 0; row < rows.n; row++) {
    for (let bucket = 0; bucket < covered; bucket++) {
      const cell = row * buckets + bucket;
      if (rows.mask[cell] === 0) break;
      loss += rows.weight[row]! * (softplus(logits[cell]!) - rows.label[cell]! * logits[cell]!);
    }
  }
  return loss;
}

function scaled(penalty: HazardOptions["penalty"], factor: number): HazardOptions["penalty"] {
  const { shared, deviation, hidden, out, classes } = penalty;
  return {
    shared: factor * shared,
    deviation: factor * deviation,
    hidden: factor * hidden,
    out: factor * out,
    classes: factor * classes,
  };
}
