/** Quantiles of a window's request durations. */
import { decodeSketch, sketchQuantile } from "./latency-sketch.ts";
import type { WindowStats } from "./window-stats.ts";

/** @param quantile in [0, 1]
 *  @returns ms, within 1 %; null when the window had no request */
export function latencyQuantile(stats: Pick<WindowStats, "latencySketch">, quantile: number): number | null {
  return latencyQuantiles(stats, [quantile])?.[0] ?? null;
}

/** Several quantiles for one decoding.
 *  @param quantiles each in [0, 1]
 *  @returns ms, shape [quantiles.length]; null when the window had no request */
export function latencyQuantiles(
  stats: Pick<WindowStats, "latencySketch">,
  quantiles: readonly number[],
): number[] | null {
  if (stats.latencySketch === null) return null;
  const sketch = decodeSketch(stats.latencySketch);
  const values = quantiles.map((quantile) => sketchQuantile(sketch, quantile));
  return values.every((value) => value !== null) ? values : null;
}
