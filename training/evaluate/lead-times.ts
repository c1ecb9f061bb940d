/** How early warnings come: per onset, from the first alarm among the rows that could have warned of it. */
import { median } from "./metrics.ts";

export interface LeadRows {
  /** shape [n] each */
  series: ArrayLike<number>;
  /** number of the window at whose end the row asks */
  window: ArrayLike<number>;
  /** 1 = the very next window, NaN = none */
  windowsToOnset: ArrayLike<number>;
  probability: ArrayLike<number>;
}

export interface LeadTimes {
  /** onsets with at least one row within the horizon before them */
  onsets: number;
  warned: number;
  /** whole windows between the first alarm and the onset's window; NaN when none was warned of */
  medianWindows: number;
}

/** @param threshold probability from which a row is an alarm */
export function leadTimes(rows: LeadRows, horizonWindows: number, threshold: number): LeadTimes {
  const earliest = new Map<string, number>();
  const onsets = new Set<string>();
  for (let row = 0; row < rows.series.length; row++) {
    const distance = rows.windowsToOnset[row]!;
    if (!(distance <= horizonWindows)) continue;
    const onset = `${rows.series[row]}:${rows.window[row]! + distance}`;
    onsets.add(onset);
    // Written so that a threshold that could not be chosen (NaN) raises no alarm.
    if (!(rows.probability[row]! >= threshold)) continue;
    earliest.set(onset, Math.max(earliest.get(onset) ?? 0, distance - 1));
  }
  return { onsets: onsets.size, warned: earliest.size, medianWindows: median([...earliest.values()]) };
}
