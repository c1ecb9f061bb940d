/** The failure predictor's part of a training job: from stored history to a candidate with everything that the gate asks. */
import { FEATURE_SPEC } from "../models/features/fold.ts";
import { fitInputReference } from "../models/lifecycle/input-drift.ts";
import type { PredictorManifest } from "../models/predictor/manifest.ts";
import { predictorDefinition } from "../services/platform/serving/definitions.ts";
import {
  compareWithMajority,
  type JudgedRows,
  judgedRows,
  predictByLogistic,
  predictRows,
  scorePredictions,
} from "./assess-predictor.ts";
import type { Candidate, ChampionModel } from "./candidate.ts";
import { buildExamples, type ExampleCounts } from "./dataset/build-examples.ts";
import { countOnsets } from "./dataset/count-onsets.ts";
import { datasetHash } from "./dataset/dataset-hash.ts";
import type { StoreHistory } from "./dataset/history.ts";
import { splitByTime, type TimeSplit } from "./dataset/split-by-time.ts";
import { summariseDataset } from "./dataset/summarise.ts";
import { shareOfPositives } from "./evaluate/metrics.ts";
import { clusterRows } from "./fit/clusters.ts";
import { type FittedPredictor, fitHazardPredictor, NothingToLearnError } from "./fit/fit-predictor.ts";
import type { TrainingRows } from "./fit/training-rows.ts";
import { findLeaks } from "./gate/find-leaks.ts";
import { type GateVerdict, refuseForLackOfData } from "./gate/gate.ts";
import { comparePredictions } from "./gate/paired-difference.ts";
import { operatingPoints } from "./operating-points.ts";
import { horizonInWindows, type Report, type TrainingSettings } from "./settings.ts";

/** No candidate could be made. */
export interface Refused {
  refused: GateVerdict;
  metrics: Record<string, unknown>;
  /** of the examples that did not suffice */
  datasetHash: string;
}

/** Separate failures that the fit must have seen; fewer are anecdotes. */
const MIN_TRAINING_ONSETS = 5;

/** @returns a candidate, or the reason why there is too little to make one of */
export async function buildPredictorCandidate(
  history: StoreHistory,
  settings: TrainingSettings,
  report: Report,
): Promise<Candidate | Refused> {
  const { windowSizeMs, horizonMs } = settings;
  const horizonWindows = horizonInWindows(horizonMs, windowSizeMs);
  const { examples, counts } = buildExamples(history, FEATURE_SPEC.features.length);
  const split = splitByTime(examples, { gapMs: horizonMs, windowSizeMs });
  const shortage = findShortage(split.rows, counts, settings);
  const hash = datasetHash(FEATURE_SPEC.hash, split.rows);
  if (shortage !== null) return { refused: shortage, metrics: { examples: counts }, datasetHash: hash };
  await report("dataset", 10, `${counts.examples} examples`);
  const { everyWindows } = history;
  const dataset = { everyWindows, ...describeDataset(split, counts, settings) };

  const fitted = await fitOrNothing(split.rows, {
    windowSizeMs,
    horizonWindows,
    seed: settings.seed,
    epochs: settings.epochs,
    members: settings.ensembleSize,
    onProgress: (share, detail) => report("fit", 15 + 60 * share, detail),
  });
  if (fitted instanceof NothingToLearnError) {
    const refused = refuseForLackOfData(`not enough variety: ${fitted.message}`, 0, 1);
    return { refused, metrics: { dataset }, datasetHash: hash };
  }
  await report("evaluate", 78, "scoring the validation slice");
  const judged = judgedRows(split.rows, split.rows.split.validation, horizonWindows, windowSizeMs);
  const probability = await predictRows(fitted, split.rows, judged, horizonWindows);
  const scores = assess(fitted, split.rows, judged, probability, horizonWindows, windowSizeMs);
  const points = await operatingPoints(fitted, split.rows, [...settings.horizonsMs, horizonMs], everyWindows);
  const reference = inputReference(split.rows, fitted.manifest);
  return {
    manifest: reference === null ? fitted.manifest : { ...fitted.manifest, reference },
    onnx: fitted.onnx,
    metrics: {
      ...{ horizonMs, dataset, fit: fitted.fit, validation: scores, operatingPoints: points },
      trainedThroughMs: split.cuts.validationMs,
    },
    datasetHash: hash,
    gateInput: {
      rows: judged.rows.length,
      distinctOutcomes: new Set(judged.outcome).size,
      accuracy: scores.network.accuracy,
      majorityAccuracy: scores.majority.accuracy,
      majorityDifferenceError: scores.majority.differenceError,
      brierSkill: scores.network.brierSkill,
      brierSkillError: scores.network.brierSkillError,
      calibrationError: scores.network.calibrationError.excess,
      leaks: findLeaks(split.rows, judged, FEATURE_SPEC, { windows: horizonWindows, windowSizeMs }),
    },
    compare: (champion) => compareWithChampion(champion, settings, split.rows, judged, probability, horizonWindows),
    notes: [
      `Predicts whether a failure of a service begins within a horizon, from ${FEATURE_SPEC.features.length} features of its telemetry ` +
        `at the end of a ${windowSizeMs / 1000} s window (feature spec ${FEATURE_SPEC.hash}). Discrete-time hazard network, ` +
        `${fitted.manifest.members} members, fitted on ${fitted.fit.rows} examples in ${fitted.fit.epochs} epochs (${fitted.fit.backend}).`,
      "Limits: it knows the services and kinds of failure of this installation's past. A service without history is answered by the " +
        "prior. Rows that an operator called mitigated were left out.",
    ],
  };
}

/** Of all rows, those it was judged on included: on those it has been shown to work. */
function inputReference(rows: TrainingRows, { scaler }: PredictorManifest) {
  // a heavy-tailed one enters twice
  const read = [...new Set(scaler.features.map(({ feature }) => feature))];
  return fitInputReference(rows.vectors, rows.atMs, scaler.featureCount, read);
}

async function fitOrNothing(
  ...given: Parameters<typeof fitHazardPredictor>
): Promise<FittedPredictor | NothingToLearnError> {
  try {
    return await fitHazardPredictor(...given);
  } catch (error) {
    if (error instanceof NothingToLearnError) return error;
    throw error;
  }
}

function findShortage(rows: TrainingRows, counts: ExampleCounts, settings: TrainingSettings): GateVerdict | null {
  const { train, calibration, validation } = rows.split;
  if (counts.examples < settings.minExamples) {
    return refuseForLackOfData(
      `not enough examples: ${counts.examples}, at least ${settings.minExamples} are needed`,
      counts.examples,
      settings.minExamples,
    );
  }
  for (const [name, slice] of Object.entries({ training: train, calibration, validation })) {
    if (slice.length === 0)
      return refuseForLackOfData(`not enough history: no example is left in the ${name} slice`, 0, 1);
  }
  const onsets = countOnsets(rows, train, settings.windowSizeMs);
  if (onsets >= MIN_TRAINING_ONSETS) return null;
  return refuseForLackOfData(
    `not enough failures: ${onsets} began in the training slice, at least ${MIN_TRAINING_ONSETS} are needed`,
    onsets,
    MIN_TRAINING_ONSETS,
  );
}

function describeDataset({ rows, cuts, gapRows }: TimeSplit, counts: ExampleCounts, settings: TrainingSettings) {
  const summary = summariseDataset(rows, FEATURE_SPEC, settings.horizonMs, settings.windowSizeMs);
  return { ...counts, ...cuts, gapRows, ...summary };
}

function assess(
  fitted: FittedPredictor,
  rows: TrainingRows,
  judged: JudgedRows,
  probability: Float64Array,
  horizonWindows: number,
  windowSizeMs: number,
) {
  const training = judgedRows(rows, rows.split.train, horizonWindows, windowSizeMs);
  const baseRate = shareOfPositives(training.outcome);
  return {
    rows: judged.rows.length,
    baseRate: shareOfPositives(judged.outcome),
    independentStretches: new Set(clusterRows(rows, judged.rows, horizonWindows * windowSizeMs)).size,
    majority: compareWithMajority(probability, judged),
    network: scorePredictions(probability, judged),
    logistic: scorePredictions(predictByLogistic(fitted.manifest, rows, training, judged), judged),
    baseRateModel: scorePredictions(new Float64Array(judged.rows.length).fill(baseRate), judged),
  };
}

async function compareWithChampion(
  champion: ChampionModel,
  settings: TrainingSettings,
  rows: TrainingRows,
  judged: JudgedRows,
  probability: Float64Array,
  horizonWindows: number,
) {
  const manifest: PredictorManifest = predictorDefinition.accept(champion.manifest);
  if (manifest.windowSizeMs !== settings.windowSizeMs) {
    throw new RangeError(`the champion reads windows of ${manifest.windowSizeMs} ms`);
  }
  const theirs = await predictRows({ manifest, onnx: champion.onnx }, rows, judged, horizonWindows);
  return { version: champion.version, ...comparePredictions(probability, theirs, judged.outcome, judged.cluster) };
}
