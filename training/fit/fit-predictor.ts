/** From labelled rows to a failure predictor that can be served: encoding, hazard network, ONNX, calibration on later rows. What is
 *  calibrated is the exported graph in ONNX Runtime, the very thing that will answer. */
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import { HAZARD_EDGES } from "../../models/predictor/edges.ts";
import { identityCalibration } from "../../models/predictor/hazard.ts";
import { PREDICTOR_FORMAT, type PredictorManifest } from "../../models/predictor/manifest.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { calibrate, uncertaintyOf } from "./calibrate-predictor.ts";
import { encodeRows, hasClasses } from "./encode-rows.ts";
import { expectedValues } from "./expected-values.ts";
import type { HazardOptions, HazardRows } from "./fit-hazard.ts";
import { fitScaler } from "./fit-scaler.ts";
import { fitVoices } from "./fit-voices.ts";
import { planFit } from "./plan-fit.ts";
import { screenFeatures } from "./screen-features.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface FitPredictorOptions {
  windowSizeMs: number;
  /** horizon that the gate judges; also the length of stretches that count as one observation */
  horizonWindows: number;
  seed: number;
  /** default 10 */
  epochs?: number;
  /** K, default 5 */
  members?: number;
  /** most rows to fit on, default 120 000: beyond, rows without an onset are sampled and weighted up */
  maxRows?: number;
  /** false: stop at the model that has not learned from the calibration slice; default true */
  isFinal?: boolean;
  /** share of the fit that is done, 0..1, and one line about it */
  onProgress?: (share: number, detail: string) => void | Promise<void>;
}

export interface FittedPredictor {
  manifest: PredictorManifest;
  onnx: Uint8Array;
  /** a model that has not learned from the calibration slice */
  outOfSample: { manifest: PredictorManifest; onnx: Uint8Array };
  fit: {
    epochs: number;
    backend: string;
    rows: number;
    inputs: number;
    /** boosted trees beside the network, and their share of the log-odds up to the horizon */
    trees: number;
    treeShare: number;
    /** of the calibration, which both halves of its slice must confirm */
    calibrationShare: number;
    /** names of features that told the time instead of the risk */
    droppedFeatures: string[];
  };
}

const DEFAULT_MEMBERS = 5;
const DEFAULT_MAX_ROWS = 120_000;

/** No feature varies in training in a way that still holds on later rows. */
export class NothingToLearnError extends Error {}

/** @throws RangeError without training rows, NothingToLearnError without a usable feature */
export async function fitHazardPredictor(rows: TrainingRows, options: FitPredictorOptions): Promise<FittedPredictor> {
  const featureCount = FEATURE_SPEC.features.length;
  const { train } = rows.split;
  const edges = [...HAZARD_EDGES];
  const { scaler, dropped } = screenFeatures(fitScaler(rows.vectors, featureCount, train), rows, options.windowSizeMs);
  if (scaler.width === 0)
    throw new NothingToLearnError("no feature varies in the training slice and stays in its range after it");
  const members = options.members ?? DEFAULT_MEMBERS;
  const maxRows = options.maxRows ?? DEFAULT_MAX_ROWS;
  const spanMs = options.horizonWindows * options.windowSizeMs;
  const plan = planFit(rows, train, spanMs, options.epochs);
  const classes = hasClasses(rows, train);
  const shape = {
    width: scaler.width,
    buckets: edges.length,
    classes: ERROR_CLASSES.length,
    members,
    seed: options.seed,
  };
  const settings: HazardOptions = { ...shape, ...plan.settings };
  const encode = (subset: Int32Array, weightOf: (row: number) => number = () => 1): HazardRows =>
    encodeRows(rows, { rows: subset, weightOf }, scaler, { edges, spanMs, classes });
  const manifest: PredictorManifest = {
    kind: "failure-predictor",
    format: PREDICTOR_FORMAT,
    specHash: FEATURE_SPEC.hash,
    windowSizeMs: options.windowSizeMs,
    members,
    edges,
    scaler,
    calibration: identityCalibration(edges.length),
    expected: expectedValues(rows.vectors, FEATURE_SPEC, train),
    classes: classes ? [...ERROR_CLASSES] : [],
    uncertainty: { calibrationDeviation: 0, spreadScale: 1 },
  };
  const { horizonWindows, onProgress } = options;
  const fit = await fitVoices(rows, {
    ...{ manifest, settings, plan, horizonWindows, maxRows, encode },
    isFinal: options.isFinal ?? true,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const slice = { rows, spanMs, horizonWindows };
  const uncertainty = await uncertaintyOf(manifest, fit.calibratingOnnx, slice);
  const calibrating = await calibrate(manifest, fit.calibratingOnnx, slice, uncertainty);
  const outOfSample = { manifest: calibrating.manifest, onnx: fit.calibratingOnnx };
  const isOneFit = fit.onnx === fit.calibratingOnnx;
  const last = isOneFit ? calibrating : await calibrate(manifest, fit.onnx, slice, uncertainty, calibrating.correction);
  const final = { manifest: last.manifest, onnx: fit.onnx };
  return {
    ...final,
    outOfSample,
    fit: {
      epochs: settings.epochs,
      backend: fit.backend,
      rows: fit.rows,
      inputs: scaler.width,
      trees: fit.trees,
      treeShare: fit.treeShare,
      calibrationShare: calibrating.correction.share,
      droppedFeatures: dropped.map((feature) => FEATURE_SPEC.features[feature]?.name ?? String(feature)),
    },
  };
}
