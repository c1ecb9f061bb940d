/** p50 and p95 of a window's requests from its sketch. */
import { latencyQuantiles as quantilesOf } from "../windows/latency-quantile.ts";
import type { WindowStats } from "../windows/window-stats.ts";

/** @returns null when the window had no request */
export function latencyQuantiles(stats: WindowStats): { p50Ms: number; p95Ms: number } | null {
  const quantiles = quantilesOf(stats, [0.5, 0.95]);
  // Asked for two, answered with two.
  return quantiles && { p50Ms: quantiles[0]!, p95Ms: quantiles[1]! };
}
