/** Feature states and onset counts of the last close, kept so that a close need not read them again. They count only as long as
 *  nobody else closed a window in between and no close failed half-way; then they are read from the store. */
import { createFeatureState, FEATURE_SPEC, type FeatureState } from "../../../models/features/fold.ts";
import type { OnsetRecord } from "../../../models/predictor/prior.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Database } from "../../platform/store/database.ts";
import { fleetOnsetCounts, onsetCountsAt } from "../../platform/store/risk-reads.ts";
import { readStates } from "../../platform/store/vectors-store.ts";
import { catchUp } from "./catch-up.ts";

/** Writing a state costs more than folding it. In a fleet larger than this each is written every few windows, in turn, and a restart folds
 *  the windows since again (catch-up.ts). */
const ALWAYS_WRITTEN_UP_TO = 1_000;
const WRITTEN_EVERY_WINDOWS = 8;

/** Base rates look back this far: what the fleet did long before says little about it now. */
const FLEET_LOOKBACK_MS = 7 * 86_400_000;

export interface FoldMemory {
  /** Forgets everything unless it is of the close that ended at `closedThroughMs`. */
  keepOnlyAt(closedThroughMs: EpochMs | null): void;
  /** From now on it is of the close that ended at `closedThroughMs`. */
  moveTo(closedThroughMs: EpochMs): void;
  forget(): void;
  /** The states of these services before a window, to be advanced in place; a service without one gets a fresh one. */
  statesOf(
    db: Database,
    serviceIds: readonly number[],
    window: { startMs: EpochMs; sizeMs: number },
  ): Promise<Map<number, FeatureState>>;
  /** Which of these states, all of them advanced, are to be written with this window. */
  dueOf(serviceIds: readonly number[]): Set<number>;
  baseRates(
    db: Database,
    serviceIds: readonly number[],
    atMs: EpochMs,
    windowSizeMs: number,
  ): Promise<{ fleet: OnsetRecord; serviceOf(id: number): OnsetRecord }>;
  /** Counts a closed window. */
  count(serviceId: number, window: { failed: boolean | null; onset: boolean }): void;
}

/** @param policy of writing states; for tests */
export function createFoldMemory(
  policy = { alwaysUpTo: ALWAYS_WRITTEN_UP_TO, everyWindows: WRITTEN_EVERY_WINDOWS },
): FoldMemory {
  let at: EpochMs | null = null;
  let states = new Map<number, FeatureState>();
  /** windows folded since the state was written; absent: it never was, as far as we know */
  let unwritten = new Map<number, number>();
  let services = new Map<number, OnsetRecord>();
  let fleet: OnsetRecord | null = null;
  const forget = (): void => {
    at = null;
    states = new Map();
    unwritten = new Map();
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
    async statesOf(db, serviceIds, { startMs, sizeMs }) {
      const missing = serviceIds.filter((id) => !states.has(id));
      const stored = (await readStates(db, missing)).filter(({ specHash }) => specHash === FEATURE_SPEC.hash);
      const read = new Map(stored.map(({ serviceId, state, atMs }) => [serviceId, { state, atMs }]));
      await catchUp(db, read, { beforeMs: startMs, sizeMs });
      for (const [id, { state }] of read) states.set(id, state);
      for (const id of missing) if (!states.has(id)) states.set(id, createFeatureState());
      return states;
    },
    dueOf(serviceIds) {
      const every = serviceIds.length <= policy.alwaysUpTo ? 1 : policy.everyWindows;
      const due = new Set<number>();
      for (const id of serviceIds) {
        const known = unwritten.get(id);
        if (known !== undefined && known + 1 < every) {
          unwritten.set(id, known + 1);
          continue;
        }
        due.add(id);
        // One that is written for the first time begins at a place of its own, so that they do not all come up together.
        unwritten.set(id, known === undefined ? id % every : 0);
      }
      return due;
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
