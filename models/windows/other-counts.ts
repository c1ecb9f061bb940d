/** What a window counts under `_OTHER`, because it has no room for the name. */
import { type NameBounds, OTHER } from "./bounded-map.ts";
import type { WindowStats } from "./window-stats.ts";

/** Calls, records, measurements or errors, by the kind of name. */
export type OtherCounts = Record<keyof NameBounds, number>;

export function otherCounts({ callees, versions, instances, gauges, fingerprints }: WindowStats): OtherCounts {
  return {
    callees: callees[OTHER]?.callCount ?? 0,
    versions: versions[OTHER] ?? 0,
    instances: instances[OTHER] ?? 0,
    gauges: gauges[OTHER]?.count ?? 0,
    fingerprints: fingerprints[OTHER] ?? 0,
  };
}
