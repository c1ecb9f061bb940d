/** Feature states and onset counts of the last close, kept so that a close need not read them again. They count only as long as
 *  nobody else closed a window in between and no close failed half-way; then they are read from the store. */
import { createFeatureState, FEATURE_SPEC, type FeatureState } from "../../../models/features/fold.ts";
import type { OnsetRecord } from "../../../models/predictor/prior.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "../../platform/store/database.ts";
import { fleetOnsetCounts, onsetCountsAt } from "../../platform/store/risk-reads.ts";
import { readStates } from "../../platform/store/vectors-store.ts";

/** Base rates look back this far: what the fleet did long before says little about it now. */
const FLEET_LOOKBACK_MS = 7 * 86_400_000;

export interface FoldMemory {
  /** Forgets everything unless it is of the close that ended at `closedThroughMs`. */
  keepOnlyAt(closedThroughMs: EpochMs | null): void;
  /** From now on it is of the close that ended at `closedThroughMs`. */
  moveTo(closedThroughMs: EpochMs): void;
  forget(): void;
  /** The states of these services, to be advanced in place; a service without one gets a fresh one. */
  statesOf(db: Database, serviceIds: readonly number[]): Promise<Map<number, FeatureState>>;
  baseRates(
    db: Database,
    serviceIds: readonly number[],
    atMs: EpochMs,
    windowSizeMs: number,
  ): Promise<{ fleet: OnsetRecord; serviceOf(id: number): OnsetRecord }>;
  /** Counts a closed window. */
  count(serviceId: number, window: { failed: boolean | null; onset: boolean }): void;
}

export function createFoldMemory(): FoldMemory {
  let at: EpochMs | null = null;
  let states = new Map<number, FeatureState>();
  let services = new Map<number, OnsetRecord>();
  let fleet: OnsetRecord | null = null;
  const forget = (): void => {
    at = null;
    states = new Map();
    services = new Map();
    fleet = null;
  };
  return {
    forget,
    keepOnlyAt: (closedThroughMs) => {
      if (at !== closedThroughMs) forget();
    },
    moveTo: (closedThroughMs) => {
      at = closedThroughMs;
    },
    async statesOf(db, serviceIds) {
      const missing = serviceIds.filter((id) => !states.has(id));
      for (const stored of await readStates(db, missing)) {
        if (stored.specHash === FEATURE_SPEC.hash) states.set(stored.serviceId, stored.state);
      }
      for (const id of missing) if (!states.has(id)) states.set(id, createFeatureState());
      return states;
    },
    async baseRates(db, serviceIds, atMs, windowSizeMs) {
      fleet ??= await fleetOnsetCounts(db, { afterMs: atMs - FLEET_LOOKBACK_MS, endMs: atMs }, windowSizeMs);
      const missing = serviceIds.filter((id) => !services.has(id));
      for (const [id, counts] of await onsetCountsAt(db, missing, atMs, windowSizeMs)) services.set(id, { ...counts });
      for (const id of missing) if (!services.has(id)) services.set(id, { onsets: 0, windows: 0 });
      return { fleet, serviceOf: (id) => services.get(id) ?? { onsets: 0, windows: 0 } };
    },
    count(serviceId, { failed, onset }) {
      // Windows in which the service was failing already could have no onset.
      if (!onset && failed !== false) return;
      for (const record of [fleet, services.get(serviceId)]) {
        if (record == null) continue;
        record.windows++;
        if (onset) record.onsets++;
      }
    },
  };
}
