/** Numbers that add up to the same bits in any order. Floating-point addition is not associative, but it is exact as long as
 *  every partial sum is a multiple of one power of two and fits 53 bits; so values are rounded to such multiples before they are
 *  added. Source: the argument of Demmel & Nguyen 2013, "Fast reproducible floating-point summation", section 3, reduced to
 *  fixed quanta because the ranges here are known. */

/** 1/1024 ms: finer than a microsecond, and sums stay exact up to 2^43 ms (278 years). */
const DURATION_STEPS_PER_MS = 1024;
/** About 1e-6: finer than any gauge means. */
const GAUGE_STEPS = 2 ** 20;

/** A duration as it may be added up; negative and unknown ones (a clock that was set back) are 0.
 *  @returns ms, a multiple of 1/1024 */
export function exactDuration(durationMs: number): number {
  if (!(durationMs > 0)) return 0;
  return Math.round(Math.min(durationMs, MAX_DURATION_MS) * DURATION_STEPS_PER_MS) / DURATION_STEPS_PER_MS;
}

/** Longer than any request; a bound keeps one absurd span from using up the precision of its window. */
const MAX_DURATION_MS = 2 ** 32;

/** A gauge value as it may be added up: 24 significant bits, and no finer than 2^-20. Sums of a window are exact while its
 *  values lie within a factor of 2^20 of each other, as those of one gauge do.
 *  @returns null for a value that is not finite or too large to be a measurement */
export function exactGauge(value: number): number | null {
  const rounded = Math.round(Math.fround(value) * GAUGE_STEPS) / GAUGE_STEPS;
  return Number.isFinite(rounded) ? rounded + 0 : null;
}
