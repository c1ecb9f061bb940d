/** What was known at a moment about the services that are asked about, read in a few statements for all of them. */
import type { EpochMs } from "../../../models/telemetry/records.ts";
import { windowStart } from "../../../models/windows/window-time.ts";
import { readStreamClock } from "../../platform/store/clock-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { type IncidentRow, incidentsKnownAt } from "../../platform/store/incidents-store.ts";
import {
  failuresAt,
  type OutcomeNote,
  outcomeNotesAt,
  type StoredFailure,
} from "../../platform/store/past-failures.ts";
import {
  fleetOnsetCounts,
  lastWindowsAt,
  type OnsetCounts,
  onsetCountsAt,
  type VectorAt,
  vectorsAt,
} from "../../platform/store/risk-reads.ts";

export interface KnownThen {
  vectors: ReadonlyMap<number, VectorAt>;
  lastWindows: ReadonlyMap<number, { endMs: EpochMs; failed: boolean | null }>;
  failures: ReadonlyMap<number, readonly StoredFailure[]>;
  incidents: ReadonlyMap<number, readonly IncidentRow[]>;
  notes: ReadonlyMap<number, readonly OutcomeNote[]>;
}

interface KnownThenQuery {
  serviceIds: readonly number[];
  atMs: EpochMs;
  /** feature spec of the model; null when there is no model, then no vectors are read */
  specHash: string | null;
  /** past failures are only shown in explanations */
  withPast: boolean;
}

/** Base rates look back this far: what the fleet did long before says little about it now. */
const FLEET_LOOKBACK_MS = 7 * 86_400_000;
/** Of each service; the ones most alike to now are shown. */
const COMPARED_FAILURES = 12;
const PAST_INCIDENTS = 5;
const PAST_NOTES = 20;

export interface BaseRates {
  services: ReadonlyMap<number, OnsetCounts>;
  fleet: OnsetCounts;
}

export interface KnownThenReader {
  read(query: KnownThenQuery): Promise<KnownThen>;
  /** Apart, because only answers without a model need them. */
  readBaseRates(serviceIds: readonly number[], atMs: EpochMs): Promise<BaseRates>;
}

export function createKnownThenReader(db: Database, windowSizeMs: number): KnownThenReader {
  const fleet = createFleetCounts(db, windowSizeMs);
  return {
    async read({ serviceIds, atMs, specHash, withPast }) {
      // Together, each on a connection of its own: the answer waits for the slowest instead of for all in turn.
      const [lastWindows, vectors, failures, incidents, notes] = await Promise.all([
        lastWindowsAt(db, serviceIds, atMs, windowSizeMs),
        specHash === null ? new Map<number, VectorAt>() : vectorsAt(db, serviceIds, atMs, specHash),
        withPast
          ? failuresAt(db, serviceIds, atMs, { windowSizeMs, specHash, limit: COMPARED_FAILURES })
          : new Map<number, StoredFailure[]>(),
        withPast ? incidentsKnownAt(db, serviceIds, atMs, PAST_INCIDENTS) : new Map<number, IncidentRow[]>(),
        withPast ? outcomeNotesAt(db, serviceIds, atMs, PAST_NOTES) : new Map<number, OutcomeNote[]>(),
      ]);
      return { vectors, lastWindows, failures, incidents, notes };
    },
    async readBaseRates(serviceIds, atMs) {
      const [services, ofFleet] = await Promise.all([onsetCountsAt(db, serviceIds, atMs, windowSizeMs), fleet(atMs)]);
      return { services, fleet: ofFleet };
    },
  };
}

/** Counts over the whole fleet. The present's are asked for again and again until the next window closes, so the newest count is kept;
 *  nothing is counted beyond what is closed, because that still changes. */
function createFleetCounts(db: Database, windowSizeMs: number): (atMs: EpochMs) => Promise<OnsetCounts> {
  let newest: { endMs: EpochMs; counts: OnsetCounts } | null = null;
  return async (atMs) => {
    const { closedThroughMs } = await readStreamClock(db);
    if (closedThroughMs === null) return { onsets: 0, windows: 0 };
    const endMs = windowStart(Math.min(atMs, closedThroughMs), windowSizeMs);
    if (newest?.endMs === endMs) return newest.counts;
    const counts = await fleetOnsetCounts(db, { afterMs: endMs - FLEET_LOOKBACK_MS, endMs }, windowSizeMs);
    if (newest === null || endMs > newest.endMs) newest = { endMs, counts };
    return counts;
  };
}
