/** Leaves out features that tell the time instead of the risk. In a short history the hour of day, the age of a service or a running
 *  total only ever rise: they are unlike anything seen in training from the first later row on, and a model that leans on them is lost
 *  (covariate shift; Quiñonero-Candela et al. 2009, chapter 1). Once the history covers days, the hour of day comes back and stays.
 *  While a history is shorter than the slowest statistics need to settle, features that stand elsewhere in the calibration slice than
 *  in the training slice go as well. Decided by inputs alone, without labels, on the training and the calibration slice. */
import { encodeInto, type Scaler } from "../../models/predictor/encode.ts";
import { timeSpan } from "./clusters.ts";
import type { TrainingRows } from "./training-rows.ts";

/** Correlation with time within the training slice from which a feature counts as a clock. Over days hardly any feature comes near it;
 *  over minutes even slowly decaying averages do. */
const CLOCK_CORRELATION = 0.5;
/** Share of calibration rows outside of the range seen in training from which a feature counts as gone elsewhere. */
const OUTSIDE_SHARE = 0.5;
/** Training slices of fewer windows are short: half-lives reach up to 1 008 windows and more. */
const SHORT_HISTORY_WINDOWS = 1_000;
/** Distance of the calibration slice's mean from the training slice's, in standard deviations of the latter, from which a feature of a
 *  short history counts as gone elsewhere. Chosen on two recorded runs of the demo's shop, of 9 and 10 episodes' training time. */
const SHORT_HISTORY_SHIFT = 0.4;

export interface ScreenedScaler {
  scaler: Scaler;
  /** indices in the feature vector of what was left out */
  dropped: number[];
}

export function screenFeatures(scaler: Scaler, rows: TrainingRows, windowSizeMs: number): ScreenedScaler {
  const { train, calibration } = rows.split;
  const mostShift =
    timeSpan(rows.atMs, train) < SHORT_HISTORY_WINDOWS * windowSizeMs ? SHORT_HISTORY_SHIFT : Number.POSITIVE_INFINITY;
  const columns = scaler.features.length;
  const moments = Array.from({ length: columns }, createMoments);
  const encoded = new Float32Array(scaler.width);
  const eachKnown = (subset: Int32Array, visit: (column: number, value: number, atMs: number) => void): void => {
    for (const row of subset) {
      encodeInto(rows.vectors, row * scaler.featureCount, scaler, encoded, 0);
      scaler.features.forEach(({ feature }, column) => {
        if (Number.isNaN(rows.vectors[row * scaler.featureCount + feature]!)) return;
        visit(column, encoded[column]!, rows.atMs[row]!);
      });
    }
  };
  const originMs = rows.atMs[train[0] ?? 0] ?? 0;
  eachKnown(train, (column, value, atMs) => moments[column]!.add(value, atMs - originMs));
  const later = Array.from({ length: columns }, () => ({ count: 0, outside: 0, sum: 0 }));
  eachKnown(calibration, (column, value) => {
    const { min, max } = moments[column]!.range();
    const seen = later[column]!;
    seen.count += 1;
    seen.sum += value;
    if (value < min || value > max) seen.outside += 1;
  });
  const hasStayed = (column: number): boolean => {
    const { count, sum } = later[column]!;
    const { mean, deviation } = moments[column]!.level();
    return (
      count === 0 || mostShift === Number.POSITIVE_INFINITY || Math.abs(sum / count - mean) <= mostShift * deviation
    );
  };
  const isUsable = (_: unknown, column: number): boolean =>
    Math.abs(moments[column]!.correlation()) < CLOCK_CORRELATION &&
    later[column]!.outside <= OUTSIDE_SHARE * Math.max(1, later[column]!.count) &&
    hasStayed(column);
  const kept = scaler.features.filter(isUsable);
  const dropped = scaler.features.filter((scaling) => !kept.includes(scaling)).map((scaling) => scaling.feature);
  let width = kept.length;
  const features = kept.map((scaling) => ({
    ...scaling,
    maskColumn: scaling.maskColumn === null ? null : width++,
  }));
  return { scaler: { featureCount: scaler.featureCount, width, features }, dropped };
}

/** Running sums of one column against time. */
function createMoments() {
  let [n, sx, sxx, st, stt, sxt] = [0, 0, 0, 0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    add(x: number, t: number): void {
      n += 1;
      sx += x;
      sxx += x * x;
      st += t;
      stt += t * t;
      sxt += x * t;
      if (x < min) min = x;
      if (x > max) max = x;
    },
    range: () => ({ min, max }),
    level: () => ({ mean: sx / n, deviation: Math.sqrt(Math.max(0, sxx / n - (sx / n) ** 2)) }),
    /** 0 when nothing varies */
    correlation(): number {
      const spread = (sxx - (sx * sx) / n) * (stt - (st * st) / n);
      return spread > 0 ? (sxt - (sx * st) / n) / Math.sqrt(spread) : 0;
    },
  };
}
