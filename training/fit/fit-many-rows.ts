/** The fit where there are many rows: settings by search inside the training slice; one fit on the training slice, whose answers on the
 *  later calibration slice are out of sample and calibrate; and the final fit, with the same settings, on both slices, because what
 *  happened last says most about what comes next. */
import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { exportPredictor, type TreeVoice } from "../export/export-predictor.ts";
import { sampleQuietRows } from "./encode-rows.ts";
import { fitBoosted } from "./fit-boosted.ts";
import { fitHazard, type HazardOptions, type HazardRows } from "./fit-hazard.ts";
import type { FitPlan } from "./plan-fit.ts";
import { type ChosenSettings, searchSettings } from "./search-settings.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface ManyRowsFit {
  onnx: Uint8Array;
  /** the graph whose answers on the calibration slice are out of sample */
  calibratingOnnx: Uint8Array;
  epochs: number;
  backend: string;
  rows: number;
  /** how many trees have how large a share of the log-odds up to the horizon; 0 and 0: none */
  trees: number;
  treeShare: number;
}

export interface ManyRowsOptions {
  manifest: PredictorManifest;
  settings: HazardOptions;
  plan: FitPlan;
  horizonWindows: number;
  maxRows: number;
  encode(rows: Int32Array, weightOf: (row: number) => number): HazardRows;
  onProgress?: (share: number, detail: string) => void | Promise<void>;
}

/** The search and the calibrating fit see fewer rows than the final one. */
const SEARCH_SHARE = 1 / 3;
const CALIBRATING_SHARE = 2 / 3;
/** Parts of the whole, for the progress: search, calibrating fit, final fit. */
const PROGRESS = [0, 0.25, 0.55, 1] as const;

export async function fitManyRows(rows: TrainingRows, options: ManyRowsOptions): Promise<ManyRowsFit> {
  const { manifest, settings, plan, maxRows, encode, onProgress } = options;
  const lastEdge = manifest.edges.at(-1)!;
  const sample = (from: Int32Array, room: number): HazardRows => {
    const chosen = sampleQuietRows(rows, from, room, lastEdge, settings.seed);
    return encode(chosen.rows, chosen.weightOf);
  };
  const covered = 1 + manifest.edges.findIndex((edge) => edge >= options.horizonWindows);
  const coveredBuckets = covered === 0 ? manifest.edges.length : covered;

  await onProgress?.(PROGRESS[0], "looking for settings");
  const choice =
    plan.stop === null
      ? { penalty: settings.penalty, boost: null }
      : await searchSettings(
          sample(plan.fit, SEARCH_SHARE * maxRows),
          sample(plan.stop, SEARCH_SHARE * maxRows),
          manifest,
          settings,
          coveredBuckets,
        );
  const chosen = { ...settings, penalty: choice.penalty };
  const first = await fitBoth(
    sample(rows.split.train, CALIBRATING_SHARE * maxRows),
    chosen,
    choice,
    progressIn(onProgress, PROGRESS[1], PROGRESS[2], settings.epochs),
  );
  const all = Int32Array.from([...rows.split.train, ...rows.split.calibration]);
  const last = sample(all, maxRows);
  const final = await fitBoth(last, chosen, choice, progressIn(onProgress, PROGRESS[2], PROGRESS[3], settings.epochs));
  return {
    ...final,
    calibratingOnnx: first.onnx,
    rows: last.n,
    trees: choice.boost?.options.trees ?? 0,
    treeShare: choice.boost?.share ?? 0,
  };
}

async function fitBoth(
  train: HazardRows,
  settings: HazardOptions,
  { boost }: ChosenSettings,
  onEpoch: NonNullable<HazardOptions["onEpoch"]>,
): Promise<{ onnx: Uint8Array; epochs: number; backend: string }> {
  const { weights, epochs, backend } = await fitHazard(train, null, { ...settings, onEpoch });
  const voice: TreeVoice | null =
    boost === null ? null : { boosted: fitBoosted(train, null, boost.options), share: boost.share };
  return { onnx: exportPredictor(weights, voice), epochs, backend };
}

function progressIn(
  onProgress: ManyRowsOptions["onProgress"],
  from: number,
  to: number,
  epochs: number,
): NonNullable<HazardOptions["onEpoch"]> {
  return (epoch, losses) =>
    onProgress?.(from + ((to - from) * epoch) / epochs, `epoch ${epoch}: loss ${losses.train.toFixed(4)}`);
}
