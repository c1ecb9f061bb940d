/** What more history would bring: the same fit on the newest eighth, quarter and half of the training slice and on all of it, scored on the
 *  validation slice, which none of these fits has learned from. The test slice is not looked at. */
import type { OutageStudy } from "../../datasets/outages/outage-study.ts";
import { fitHazardPredictor } from "../fit/fit-predictor.ts";
import { replayRows } from "./outage-vectors.ts";
import { alignColumns } from "./report-table.ts";
import { type Score, scoreSlice } from "./score.ts";
import { hazardProbabilities, sliceOf, splitRows, trainingRows } from "./study-rows.ts";

export interface LearningPoint {
  trainRows: number;
  validation: Score;
}

const SHARES = [1 / 8, 1 / 4, 1 / 2, 1] as const;

export async function learningCurve(
  study: OutageStudy,
  options: { seed: number; epochs?: number; log(line: string): void },
): Promise<LearningPoint[]> {
  const split = splitRows(study);
  const replayed = replayRows(study);
  const times = Float64Array.from(split.train, (row) => replayed.atMs[row]!).sort();
  const horizon = { windows: study.horizonWindows, windowSizeMs: study.windowSizeMs };
  const slice = sliceOf(study, split.validation);
  const points: LearningPoint[] = [];
  for (const share of SHARES) {
    const fromMs = times[Math.floor((1 - share) * times.length)] ?? Number.NEGATIVE_INFINITY;
    const train = split.train.filter((row) => replayed.atMs[row]! >= fromMs);
    const { outOfSample } = await fitHazardPredictor(trainingRows(study, replayed, { ...split, train }), {
      windowSizeMs: study.windowSizeMs,
      horizonWindows: study.horizonWindows,
      seed: options.seed,
      isFinal: false,
      ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
    });
    const probability = await hazardProbabilities(study, replayed, outOfSample, split.validation);
    const validation = scoreSlice(slice, probability, { probability, outcome: slice.outcome }, horizon);
    options.log(`${train.length} training rows: AUC ${validation.auc.toFixed(4)}`);
    points.push({ trainRows: train.length, validation });
  }
  return points;
}

export function learningCurveTable(points: readonly LearningPoint[]): string {
  const head = ["newest training rows", "AUC", "AP", "Brier", "(validation slice)"];
  const body = points.map(({ trainRows, validation }) => [
    String(trainRows),
    validation.auc.toFixed(4),
    validation.averagePrecision.toFixed(4),
    validation.brier.toFixed(5),
    "",
  ]);
  return alignColumns([head, ...body]).join("\n");
}
