/** Means by slot of a repeating period (hour of the day, hour of the week), learned online. Time is UTC, so no clock change ever
 *  skips or repeats a slot; a service that follows local time moves by an hour twice a year and the profile follows within days.
 *
 *  Each slot forgets by visits, not by time: a slot not visited keeps what it knew. */

export interface SeasonalShape {
  readonly periodMs: number;
  readonly slotMs: number;
  /** after so many periods an observation counts half */
  readonly halfLifePeriods: number;
}

export interface SeasonalProfile {
  /** decayed number of windows per slot */
  weight: number[];
  /** per measure, decayed sum per slot */
  sums: number[][];
}

export function createSeasonalProfile(shape: SeasonalShape, measureCount: number): SeasonalProfile {
  const slots = slotCount(shape);
  return {
    weight: new Array<number>(slots).fill(0),
    sums: Array.from({ length: measureCount }, () => new Array<number>(slots).fill(0)),
  };
}

/** Adds one window's measures to the slot in which it starts, in place.
 *  @param values one per measure */
export function addToSlot(
  profile: SeasonalProfile,
  shape: SeasonalShape,
  startMs: number,
  windowSizeMs: number,
  values: readonly number[],
): void {
  const slot = slotOf(shape, startMs);
  const visitsPerPeriod = Math.max(1, shape.slotMs / windowSizeMs);
  const factor = 2 ** (-1 / (shape.halfLifePeriods * visitsPerPeriod));
  profile.weight[slot] = profile.weight[slot]! * factor + 1;
  for (let measure = 0; measure < values.length; measure++) {
    const sums = profile.sums[measure]!;
    sums[slot] = sums[slot]! * factor + values[measure]!;
  }
}

/** Mean of a measure in the slot of a moment; null when the slot was never visited. */
export function slotMean(
  profile: SeasonalProfile,
  shape: SeasonalShape,
  measure: number,
  momentMs: number,
): number | null {
  const slot = slotOf(shape, momentMs);
  const weight = profile.weight[slot]!;
  return weight > 0 ? profile.sums[measure]![slot]! / weight : null;
}

export interface SpanTotals {
  sum: number;
  weight: number;
}

/** Decayed sum and weight of a measure over [fromMs, fromMs + lengthMs), slots counted by the part of them inside the span. */
export function spanTotals(
  profile: SeasonalProfile,
  shape: SeasonalShape,
  measure: number,
  fromMs: number,
  lengthMs: number,
): SpanTotals {
  const sums = profile.sums[measure]!;
  let sum = 0;
  let weight = 0;
  let cursor = fromMs;
  const untilMs = fromMs + lengthMs;
  while (cursor < untilMs) {
    const slotEnd = (Math.floor(cursor / shape.slotMs) + 1) * shape.slotMs;
    const share = (Math.min(slotEnd, untilMs) - cursor) / shape.slotMs;
    const slot = slotOf(shape, cursor);
    sum += share * sums[slot]!;
    weight += share * profile.weight[slot]!;
    cursor = slotEnd;
  }
  return { sum, weight };
}

/** Decayed sum and weight of a measure over the whole period. */
export function periodTotals(profile: SeasonalProfile, measure: number): SpanTotals {
  let sum = 0;
  let weight = 0;
  const sums = profile.sums[measure]!;
  for (let slot = 0; slot < sums.length; slot++) {
    sum += sums[slot]!;
    weight += profile.weight[slot]!;
  }
  return { sum, weight };
}

function slotCount(shape: SeasonalShape): number {
  return Math.round(shape.periodMs / shape.slotMs);
}

function slotOf(shape: SeasonalShape, momentMs: number): number {
  const phase = ((momentMs % shape.periodMs) + shape.periodMs) % shape.periodMs;
  return Math.floor(phase / shape.slotMs);
}
