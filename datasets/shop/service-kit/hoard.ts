/** A cache that somebody forgot to bound: what every request leaves behind is kept for ever. */
import type { ServiceParts } from "./start-service.ts";

interface Trace {
  sku: string;
  at: number;
  visitor: string;
}

const TRACE_BYTES = 120;

/** @returns a function to call once per request; it keeps `retainedBytesPerRequest` of real objects on the heap */
export function createRecentlyViewed({ weaknesses, onHealed }: ServiceParts): (sku: string) => void {
  let recentlyViewed: Trace[][] = [];
  onHealed(() => {
    recentlyViewed = [];
  });
  return (sku) => {
    const count = Math.floor(weaknesses.retainedBytesPerRequest / TRACE_BYTES);
    if (count === 0) return;
    const at = Date.now();
    recentlyViewed.push(
      Array.from({ length: count }, (_, index) => ({ sku, at: at + index / 8, visitor: `v${index}` })),
    );
  };
}
