/** A small search for the settings of a fit on many rows: how strongly the network's weights are held back, how fine the trees may be, and
 *  how much the trees have to say. Judged by the censored likelihood up to the horizon on the latest part of the training slice, which
 *  the candidates have not seen. Seeded: the same rows give the same choice. */
import { softplus } from "../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { exportPredictor } from "../export/export-predictor.ts";
import { type BoostOptions, boostedScores, fitBoosted } from "./fit-boosted.ts";
import { fitHazard, type HazardOptions, type HazardRows } from "./fit-hazard.ts";
import { inputLogits } from "./hazard-logits.ts";

export interface ChosenSettings {
  penalty: HazardOptions["penalty"];
  /** null: the trees did not earn their keep */
  boost: { options: BoostOptions; share: number } | null;
}

const PENALTY_FACTORS = [0.25, 1, 4] as const;
const TREES = [
  { leaves: 8, minCurvature: 10, penalty: 10, learningRate: 0.08 },
  { leaves: 16, minCurvature: 0.25, penalty: 0.25, learningRate: 0.15 },
] as const;
const MOST_TREES = 200;
const SHARES = [0, 0.25, 0.5, 0.75, 1] as const;
/** Part of the loss that trees must save: they cost time in every answer. */
const MIN_SAVING = 0.001;
const EPOCHS = 8;
const MEMBERS = 2;

/** @param covered first buckets, up to the horizon */
export async function searchSettings(
  fit: HazardRows,
  stop: HazardRows,
  manifest: PredictorManifest,
  base: HazardOptions,
  covered: number,
): Promise<ChosenSettings> {
  const { buckets, width } = base;
  let network: { loss: number; penalty: HazardOptions["penalty"]; logits: Float64Array } | null = null;
  for (const factor of PENALTY_FACTORS) {
    const penalty = scaled(base.penalty, factor);
    const options = { ...base, penalty, members: MEMBERS, epochs: Math.min(EPOCHS, base.epochs) };
    const { weights } = await fitHazard(fit, null, options);
    const logits = await inputLogits({ ...manifest, members: MEMBERS }, exportPredictor(weights), stop.x);
    const loss = lossOf(stop, logits, buckets, covered);
    if (network === null || loss < network.loss) network = { loss, penalty, logits };
  }
  if (network === null) throw new RangeError("a search needs at least one candidate");

  let trees: { loss: number; options: BoostOptions; logits: Float64Array } | null = null;
  for (const candidate of TREES) {
    const options = { ...candidate, width, buckets, covered, trees: MOST_TREES, seed: base.seed };
    const boosted = fitBoosted(fit, stop, options);
    if (boosted.trees.length === 0) continue;
    const score = boostedScores(boosted, stop.x, width);
    const logits = Float64Array.from(
      network.logits,
      (_, cell) => score[Math.floor(cell / buckets)]! + (boosted.bias[cell % buckets] ?? 0),
    );
    const loss = lossOf(stop, logits, buckets, covered);
    if (trees === null || loss < trees.loss)
      trees = { loss, options: { ...options, trees: boosted.trees.length }, logits };
  }
  if (trees === null) return { penalty: network.penalty, boost: null };

  let best = { share: 0, loss: network.loss };
  for (const share of SHARES) {
    const [ofNetwork, ofTrees] = [network.logits, trees.logits];
    const mixed = ofNetwork.map((logit, cell) => (1 - share) * logit + share * ofTrees[cell]!);
    const loss = lossOf(stop, mixed, buckets, covered);
    if (loss < best.loss) best = { share, loss };
  }
  const isWorthIt = best.share > 0 && best.loss < (1 - MIN_SAVING) * network.loss;
  return { penalty: network.penalty, boost: isWorthIt ? { options: trees.options, share: best.share } : null };
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
