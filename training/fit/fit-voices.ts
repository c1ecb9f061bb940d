/** Fits the two voices of a predictor, network and boosted trees: settings by search inside the training slice; one fit on the training
 *  slice, whose answers on the later calibration slice are out of sample and calibrate; and the final fit, with the same settings, on both
 *  slices, because what happened last says most about what comes next. Trees grow on a thread beside the network; where too few onsets
 *  have been seen to judge them by, there are none. */
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { exportPredictor } from "../export/export-predictor.ts";
import { chooseShare } from "./choose-share.ts";
import { clusterRows, timeSpan } from "./clusters.ts";
import { sampleQuietRows } from "./encode-rows.ts";
import type { BoostedHazards } from "./fit-boosted.ts";
import { fitHazard, type HazardOptions, type HazardRows } from "./fit-hazard.ts";
import { hazardLogits } from "./hazard-logits.ts";
import type { HazardWeights } from "./hazard-network.ts";
import { outcomeWithin } from "./hazard-targets.ts";
import type { FitPlan } from "./plan-fit.ts";
import { searchPenalty } from "./search-settings.ts";
import { startTreesThread, type TreesThread } from "./start-trees-thread.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface VoicesFit {
  onnx: Uint8Array;
  /** the graph whose answers on the calibration slice are out of sample */
  calibratingOnnx: Uint8Array;
  backend: string;
  rows: number;
  /** how many trees have how large a share of the log-odds up to the horizon; 0 and 0: none */
  trees: number;
  treeShare: number;
}

export interface FitVoicesOptions {
  manifest: PredictorManifest;
  settings: HazardOptions;
  plan: FitPlan;
  horizonWindows: number;
  maxRows: number;
  /** false: no second fit that also learns from the calibration slice */
  isFinal?: boolean;
  encode(rows: Int32Array, weightOf: (row: number) => number): HazardRows;
  onProgress?: (share: number, detail: string) => void | Promise<void>;
}

/** Of the most rows to fit on. The calibrating fit gets as many as the final one: what is found out about it must hold for the other. */
const SEARCH_SHARE = 1 / 3;
/** Into so many stretches of time the calibration slice is cut: what a service does in one of them is one observation. */
const SHARE_STRETCHES = 10;
/** Parts of the whole, for the progress: search, calibrating fit, final fit. */
const PROGRESS = [0, 0.25, 0.55, 1] as const;

export async function fitVoices(rows: TrainingRows, options: FitVoicesOptions): Promise<VoicesFit> {
  const trees = options.plan.search === null ? null : await startTreesThread();
  try {
    return await fitBeside(trees, rows, options);
  } finally {
    await trees?.close();
  }
}

/** @param trees null: without a search there are none */
async function fitBeside(trees: TreesThread | null, rows: TrainingRows, options: FitVoicesOptions): Promise<VoicesFit> {
  const { settings, maxRows, encode, onProgress } = options;
  const sample = (from: Int32Array, room: number): HazardRows => {
    const chosen = sampleQuietRows(rows, from, room, options.manifest.edges.at(-1)!, settings.seed);
    return encode(chosen.rows, chosen.weightOf);
  };
  await onProgress?.(PROGRESS[0], "looking for settings");
  const early = sample(rows.split.train, maxRows);
  const { network, chosen, grown } = await searchAndFit(trees, sample, early, options);
  const voices: Voices = { weights: network.weights, boosted: grown?.boosted ?? null };
  const treeShare = await shareOfTrees(voices, rows, options);
  const boost = treeShare === 0 || grown === null ? null : grown.options;
  const calibratingOnnx = exported(voices, treeShare);
  const fitted = { trees: boost?.trees ?? 0, treeShare };
  if (options.isFinal === false) {
    return { ...fitted, onnx: calibratingOnnx, calibratingOnnx, backend: network.backend, rows: early.n };
  }
  const last = sample(Int32Array.from([...rows.split.train, ...rows.split.calibration]), maxRows);
  const onEpoch = progressIn(onProgress, PROGRESS[2], PROGRESS[3], settings.epochs);
  const [final, boosted] = await Promise.all([
    fitHazard(last, { ...chosen, onEpoch }),
    trees === null || boost === null ? null : trees.grow(last, boost),
  ]);
  return {
    ...fitted,
    onnx: exported({ weights: final.weights, boosted }, treeShare),
    calibratingOnnx,
    backend: final.backend,
    rows: last.n,
  };
}

/** @param early rows of the training slice that the calibrating voices are fitted to */
async function searchAndFit(
  trees: TreesThread | null,
  sample: (from: Int32Array, room: number) => HazardRows,
  early: HazardRows,
  { manifest, settings, plan, maxRows, horizonWindows, onProgress }: FitVoicesOptions,
) {
  const onEpoch = progressIn(onProgress, PROGRESS[1], PROGRESS[2], settings.epochs);
  if (trees === null || plan.search === null) {
    return { network: await fitHazard(early, { ...settings, onEpoch }), chosen: settings, grown: null };
  }
  const fit = sample(plan.search.fit, SEARCH_SHARE * maxRows);
  const judge = sample(plan.search.judge, SEARCH_SHARE * maxRows);
  const covered = bucketsWithin(manifest.edges, horizonWindows);
  const { width, buckets, seed } = settings;
  const fitNetwork = async () => {
    const chosen = { ...settings, penalty: await searchPenalty(fit, judge, manifest, settings, covered) };
    return { chosen, network: await fitHazard(early, { ...chosen, onEpoch }) };
  };
  const [fitted, grown] = await Promise.all([
    fitNetwork(),
    trees.searchAndGrow(fit, judge, { width, buckets, covered, seed }, early),
  ]);
  return { ...fitted, grown };
}

function bucketsWithin(edges: readonly number[], horizonWindows: number): number {
  const covered = 1 + edges.findIndex((edge) => edge >= horizonWindows);
  return covered === 0 ? edges.length : covered;
}

interface Voices {
  weights: HazardWeights;
  boosted: BoostedHazards | null;
}

function exported({ weights, boosted }: Voices, share: number): Uint8Array {
  return exportPredictor(weights, boosted === null || share === 0 ? null : { boosted, share });
}

/** Decided on the calibration slice, which these voices have not seen. */
async function shareOfTrees(
  voices: Voices,
  rows: TrainingRows,
  { manifest, horizonWindows }: FitVoicesOptions,
): Promise<number> {
  const { calibration } = rows.split;
  if (voices.boosted === null || calibration.length === 0) return 0;
  const logitsAt = (share: number) => hazardLogits(manifest, exported(voices, share), rows.vectors, calibration);
  return chooseShare({
    network: await logitsAt(0),
    trees: await logitsAt(1),
    edges: manifest.edges,
    horizonWindows,
    outcome: Float32Array.from(calibration, (row) =>
      outcomeWithin(rows.windowsToOnset[row]!, rows.observedWindows[row]!, horizonWindows),
    ),
    cluster: clusterRows(rows, calibration, Math.max(1, timeSpan(rows.atMs, calibration) / SHARE_STRETCHES)),
  });
}

function progressIn(
  onProgress: FitVoicesOptions["onProgress"],
  from: number,
  to: number,
  epochs: number,
): NonNullable<HazardOptions["onEpoch"]> {
  return (epoch, loss) =>
    onProgress?.(from + ((to - from) * epoch) / epochs, `epoch ${epoch}: loss ${loss.toFixed(4)}`);
}
