/** Brings feature states up to date. In a large fleet they are written only every few windows (fold-memory.ts): after a restart the closed
 *  windows since are folded again, as refold.ts does with a whole history, and with the labels that they were closed with. What came too
 *  late for its window is then part of it. */
import { advanceInPlace, type FeatureState } from "../../../models/features/fold.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import { closedStartsSince, countNewFingerprints, readClosedWindows } from "../../platform/store/closing-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { observeHistory } from "./history.ts";

export interface StateAt {
  state: FeatureState;
  /** end of the newest window folded */
  atMs: EpochMs;
}

/** @param states by service; advanced in place   @param beforeMs windows that start here or later are left out */
export async function catchUp(
  db: Database,
  states: ReadonlyMap<number, StateAt>,
  { beforeMs, sizeMs }: { beforeMs: EpochMs; sizeMs: number },
): Promise<void> {
  const behind = [...states].map(([serviceId, { atMs }]) => ({ serviceId, atMs }));
  for (const startMs of await closedStartsSince(db, behind, beforeMs)) {
    const toMs = startMs + sizeMs;
    const rows = await readClosedWindows(db, { fromMs: startMs, toMs: startMs + 1 });
    const fresh = await countNewFingerprints(db, { fromMs: startMs, toMs, sizeMs });
    const freshOf = new Map(fresh.map(({ serviceId, count }) => [serviceId, count]));
    for (const { serviceId, observation } of observeHistory(rows, freshOf, { startMs, sizeMs })) {
      const known = states.get(serviceId);
      if (known === undefined || startMs < known.atMs) continue;
      advanceInPlace(known.state, observation);
      known.atMs = toMs;
    }
  }
}
