/** What warning at one threshold or another would have meant on the validation slice, so that whoever is woken by a warning can choose
 *  how often to be woken for nothing. */
import { probabilityWithin } from "../models/predictor/hazard.ts";
import type { PredictorManifest } from "../models/predictor/manifest.ts";
import { judgedRows } from "./assess-predictor.ts";
import { leadTimes } from "./evaluate/lead-times.ts";
import { hazardLogits } from "./fit/hazard-logits.ts";
import type { TrainingRows } from "./fit/training-rows.ts";
import { horizonInWindows } from "./settings.ts";

/** An *alarm* begins with a warning and lasts while the service stays healthy and at half the threshold or more, as alerting with
 *  hysteresis does; it is false when no failure began within the horizon of any of its warnings. */
export interface OperatingPoint {
  /** probability from which an answer is a warning */
  threshold: number;
  alarms: number;
  falseAlarms: number;
  /** false alarms per day of one healthy service */
  falseAlarmsPerServiceDay: number;
  onsets: number;
  /** onsets with a warning at least one window before their first failed one, and at most the horizon before */
  warned: number;
  /** from the first such warning to the onset; null when none was warned of */
  medianLeadMs: number | null;
}

export interface HorizonOperatingPoints {
  horizonMs: number;
  /** by rising threshold */
  points: OperatingPoint[];
}

/** Close together where failures are rare. */
const THRESHOLDS = [
  0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95,
];

const DAY_MS = 86_400_000;

/** @param horizonsMs of which answers are watched   @param everyWindows rows are of one in so many windows of each service: what came and
 *  went in between is not seen
 *  @returns one table a horizon, ascending, without horizons of which no outcome is known */
export async function operatingPoints(
  { manifest, onnx }: { manifest: PredictorManifest; onnx: Uint8Array },
  rows: TrainingRows,
  horizonsMs: readonly number[],
  everyWindows: number,
): Promise<HorizonOperatingPoints[]> {
  const { windowSizeMs, edges, calibration } = manifest;
  const subset = rows.split.validation;
  const logits = await hazardLogits(manifest, onnx, rows.vectors, subset);
  const placeOf = new Map(Array.from(subset, (row, place) => [row, place]));
  return [...new Set(horizonsMs)]
    .sort((a, b) => a - b)
    .flatMap((horizonMs) => {
      const horizonWindows = horizonInWindows(horizonMs, windowSizeMs);
      const judged = judgedRows(rows, subset, horizonWindows, windowSizeMs);
      if (judged.rows.length === 0) return [];
      const answers = Array.from(judged.rows, (row, index): Answer => {
        const from = placeOf.get(row)! * edges.length;
        return {
          service: rows.entity[row]!,
          window: Math.round(rows.atMs[row]! / windowSizeMs),
          windowsToOnset: rows.windowsToOnset[row]!,
          cameTrue: judged.outcome[index] === 1,
          probability: probabilityWithin(
            logits.subarray(from, from + edges.length),
            edges,
            horizonWindows,
            calibration,
          ),
        };
      });
      return [{ horizonMs, points: pointsOf(answers, { horizonWindows, windowSizeMs, everyWindows }) }];
    });
}

/** What was said about a healthy service at the end of a window, and what came of it. */
export interface Answer {
  service: number;
  window: number;
  /** 1 = the very next window, NaN = none was seen */
  windowsToOnset: number;
  cameTrue: boolean;
  probability: number;
}

interface Watch {
  horizonWindows: number;
  windowSizeMs: number;
  everyWindows: number;
}

export function pointsOf(
  answers: readonly Answer[],
  { horizonWindows, windowSizeMs, everyWindows }: Watch,
): OperatingPoint[] {
  const ordered = [...answers].sort((a, b) => a.service - b.service || a.window - b.window);
  const healthyDays = (answers.length * everyWindows * windowSizeMs) / DAY_MS;
  const columns = {
    series: ordered.map(({ service }) => service),
    window: ordered.map(({ window }) => window),
    windowsToOnset: ordered.map(({ windowsToOnset }) => windowsToOnset),
    probability: ordered.map(({ probability }) => probability),
  };
  return THRESHOLDS.map((threshold) => {
    const alarms = alarmsOf(ordered, threshold, everyWindows);
    const falseAlarms = alarms.filter((cameTrue) => !cameTrue).length;
    const { onsets, warned, medianWindows } = leadTimes(columns, horizonWindows, threshold);
    return {
      threshold,
      alarms: alarms.length,
      falseAlarms,
      falseAlarmsPerServiceDay: falseAlarms / healthyDays,
      onsets,
      warned,
      medianLeadMs: warned === 0 ? null : medianWindows * windowSizeMs,
    };
  });
}

/** @param ordered by service, then window
 *  @returns of each alarm whether it came true */
function alarmsOf(ordered: readonly Answer[], threshold: number, everyWindows: number): boolean[] {
  const alarms: boolean[] = [];
  // where the alarm would go on that is on now
  let next = { service: Number.NaN, window: Number.NaN };
  for (const { service, window, probability, cameTrue } of ordered) {
    const goesOn = next.service === service && next.window === window && probability >= threshold / 2;
    const warns = probability >= threshold;
    if (warns && !goesOn) alarms.push(false);
    if (warns && cameTrue) alarms[alarms.length - 1] = true;
    next = { service, window: warns || goesOn ? window + everyWindows : Number.NaN };
  }
  return alarms;
}
