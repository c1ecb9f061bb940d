/** Evaluation on public outage records: the service's own fold, fit, calibration and scoring on rows and splits that others can
 *  repeat. The hazard model is chosen, calibrated and finally fitted on train and validation; the test slice is only scored. */
import type { OutageStudy } from "../../datasets/outages/outage-study.ts";
import type { IntervalCoverage } from "../../models/calibration/interval-coverage.ts";
import { applyPlatt, fitPlatt } from "../../models/calibration/platt.ts";
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import { encodeInto, type Scaler } from "../../models/predictor/encode.ts";
import { logit } from "../../models/predictor/hazard.ts";
import { priorProbability } from "../../models/predictor/prior.ts";
import { fitLogistic, predictLogistic } from "../fit/fit-logistic.ts";
import { type FittedPredictor, fitHazardPredictor } from "../fit/fit-predictor.ts";
import { checkIntervals } from "./check-intervals.ts";
import { type CitedScore, citedScores } from "./cited.ts";
import { type ReplayedRows, replayRows } from "./outage-vectors.ts";
import { type Score, scoreSlice } from "./score.ts";
import { hazardProbabilities, type RowsBySplit, sliceOf, splitRows, trainingRows } from "./study-rows.ts";

export interface OutagesOptions {
  seed: number;
  epochs?: number;
  /** told the hazard network's probabilities of the test rows, by index into the study's rows */
  onTestRows?(rows: Int32Array, probability: Float64Array): void;
  /** told what goes on, a line at a time */
  log(line: string): void;
  /** ms, any origin */
  now(): number;
}

interface ModelScores {
  validation: Score;
  test: Score;
}

export interface OutagesReport {
  format: OutageStudy["format"];
  horizonMs: number;
  windowSizeMs: number;
  seed: number;
  specHash: string;
  featureCount: number;
  series: number;
  rows: Record<"train" | "validation" | "test", number>;
  models: Record<"hazard" | "logistic" | "prior", ModelScores>;
  /** of the hazard network, on the test rows; null when they hold too few events to say */
  intervals: IntervalCoverage | null;
  cited: readonly CitedScore[];
  fit: FittedPredictor["fit"];
  wallMs: Record<"replay" | "fitHazard" | "fitLogistic" | "score", number>;
}

/** Runs the whole evaluation.
 *  @throws RangeError when a slice has no rows */
export async function evaluateOutages(study: OutageStudy, options: OutagesOptions): Promise<OutagesReport> {
  const { log, now, seed } = options;
  const started = now();
  const rowsOf = splitRows(study);
  log(
    `${study.series.length} entities, ${rowsOf.train.length} train, ${rowsOf.validation.length} validation, ${rowsOf.test.length} test rows`,
  );
  const replayed = replayRows(study);
  const replayedAt = now();
  log(`${FEATURE_SPEC.features.length} features replayed`);

  const fitted = await fitHazardPredictor(trainingRows(study, replayed, rowsOf), {
    windowSizeMs: study.windowSizeMs,
    horizonWindows: study.horizonWindows,
    seed,
    ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
    onProgress: (share, detail) => log(`${Math.round(100 * share)} % ${detail}`),
  });
  const hazardAt = now();
  const logistic = createLogistic(study, replayed, rowsOf, fitted.manifest.scaler);
  const logisticAt = now();

  const prior = createPrior(study, replayed, rowsOf.train);
  const models = {
    // The final model has learned from the validation rows; what chooses the threshold has not.
    hazard: await scoreModel(study, rowsOf, async (rows) => {
      const model = rows === rowsOf.validation ? fitted.outOfSample : fitted;
      const probability = await hazardProbabilities(study, replayed, model, rows);
      if (rows === rowsOf.test) options.onTestRows?.(rows, probability);
      return probability;
    }),
    logistic: await scoreModel(study, rowsOf, logistic),
    prior: await scoreModel(study, rowsOf, prior),
  };
  const intervals = await checkIntervals(
    fitted,
    { ...replayed, entity: study.rows.series, positive: study.rows.positive, rows: rowsOf.test },
    study.horizonWindows,
  );
  return {
    format: study.format,
    horizonMs: study.horizonWindows * study.windowSizeMs,
    windowSizeMs: study.windowSizeMs,
    seed,
    specHash: FEATURE_SPEC.hash,
    featureCount: FEATURE_SPEC.features.length,
    series: study.series.length,
    rows: { train: rowsOf.train.length, validation: rowsOf.validation.length, test: rowsOf.test.length },
    models,
    intervals,
    cited: citedScores(study, rowsOf.test.length),
    fit: fitted.fit,
    wallMs: {
      replay: replayedAt - started,
      fitHazard: hazardAt - replayedAt,
      fitLogistic: logisticAt - hazardAt,
      score: now() - logisticAt,
    },
  };
}

type Scorer = (rows: Int32Array) => Float64Array | Promise<Float64Array>;

/** Logistic regression on the same encoded rows for this one horizon, Platt-scaled on the validation rows as the network is. */
function createLogistic(study: OutageStudy, replayed: ReplayedRows, rows: RowsBySplit, scaler: Scaler): Scorer {
  const encode = (subset: Int32Array) => {
    const x = new Float32Array(subset.length * scaler.width);
    subset.forEach((row, index) => {
      encodeInto(replayed.vectors, row * scaler.featureCount, scaler, x, index * scaler.width);
    });
    return x;
  };
  const outcomeOf = (subset: Int32Array) => Uint8Array.from(subset, (row) => study.rows.positive[row]!);
  const model = fitLogistic({ x: encode(rows.train), width: scaler.width, outcome: outcomeOf(rows.train) });
  const scoresOf = (subset: Int32Array) => predictLogistic(model, encode(subset)).map(boundedLogit);
  const platt = fitPlatt(scoresOf(rows.validation), outcomeOf(rows.validation));
  return (subset) => scoresOf(subset).map((score) => applyPlatt(platt, score));
}

function boundedLogit(probability: number): number {
  return logit(Math.min(1 - 1e-9, Math.max(1e-9, probability)));
}

/** What the service answers before there is a model: the fleet's record in the training time, and the entity's own until the row. */
function createPrior({ rows, horizonWindows }: OutageStudy, { ownRecord }: ReplayedRows, train: Int32Array): Scorer {
  const fleet = { onsets: 0, windows: 0 };
  train.forEach((row, index) => {
    // The last training row of a series holds that series' record.
    if (index + 1 < train.length && rows.series[train[index + 1]!] === rows.series[row]) return;
    fleet.onsets += ownRecord[row]!.onsets;
    fleet.windows += ownRecord[row]!.windows;
  });
  return (subset) =>
    Float64Array.from(subset, (row) => priorProbability({ fleet, service: ownRecord[row]! }, horizonWindows));
}

async function scoreModel(study: OutageStudy, rows: RowsBySplit, scorer: Scorer): Promise<ModelScores> {
  const horizon = { windows: study.horizonWindows, windowSizeMs: study.windowSizeMs };
  const validation = sliceOf(study, rows.validation);
  const test = sliceOf(study, rows.test);
  const onValidation = await scorer(rows.validation);
  const chooser = { probability: onValidation, outcome: validation.outcome };
  return {
    validation: scoreSlice(validation, onValidation, chooser, horizon),
    test: scoreSlice(test, await scorer(rows.test), chooser, horizon),
  };
}
