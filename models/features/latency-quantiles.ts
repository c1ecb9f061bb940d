/** p50 and p95 of a window's requests from its sketch. */
import { DDSketch } from "@datadog/sketches-js";
import type { WindowStats } from "../windows/window-stats.ts";

/** @returns null when the window had no request */
export function latencyQuantiles(stats: WindowStats): { p50Ms: number; p95Ms: number } | null {
  if (stats.latencySketch === null) return null;
  const sketch = DDSketch.fromProto(Uint8Array.from(atob(stats.latencySketch), (char) => char.charCodeAt(0)));
  if (sketch.count <= 0) return null;
  return { p50Ms: sketch.getValueAtQuantile(0.5), p95Ms: sketch.getValueAtQuantile(0.95) };
}
