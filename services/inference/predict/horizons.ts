/** Horizons as asked for → windows of the model. A model says nothing beyond its last edge, so a longer horizon is refused rather than
 *  extrapolated. */
import { HAZARD_EDGES } from "../../../models/predictor/edges.ts";
import { formatDuration } from "../../platform/config/parsers.ts";
import { invalid } from "../http/validation.ts";

export function longestHorizonMs(windowSizeMs: number, edges: readonly number[] = HAZARD_EDGES): number {
  return (edges.at(-1) ?? 0) * windowSizeMs;
}

/** @param path where they stand in the request
 *  @throws INVALID_INPUT for a horizon that is no multiple of the window size or longer than the model looks ahead */
export function checkHorizons(
  horizonsMs: readonly number[],
  windowSizeMs: number,
  path: string,
  edges: readonly number[] = HAZARD_EDGES,
): void {
  const maximumMs = longestHorizonMs(windowSizeMs, edges);
  const places = horizonsMs.flatMap((horizonMs, index) => {
    const place = `${path}[${index}]`;
    if (horizonMs > maximumMs) {
      return [{ path: place, message: `the longest horizon is ${formatDuration(maximumMs)}` }];
    }
    if (horizonMs % windowSizeMs !== 0) {
      return [{ path: place, message: `horizons are multiples of the window size, ${formatDuration(windowSizeMs)}` }];
    }
    return [];
  });
  if (places.length > 0) throw invalid(places);
}
