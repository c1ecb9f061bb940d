/** Folds the whole history again when the feature spec has changed: states and vectors of another spec mean nothing to the present
 *  one. Windows keep the labels that they were closed with. Starting over after a crash is harmless: vectors are overwritten, and
 *  states, which say that it is done, are written last. */
import {
  advanceInPlace,
  createFeatureState,
  FEATURE_SPEC,
  type FeatureState,
  vectorOf,
} from "../../../models/features/fold.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { Logger } from "../../platform/logger.ts";
import { lockUntilCommit } from "../../platform/store/advisory-lock.ts";
import { readStreamClock } from "../../platform/store/clock-store.ts";
import {
  countNewFingerprints,
  type HistoricWindow,
  hasForeignStates,
  oldestClosedWindow,
  readClosedWindows,
} from "../../platform/store/closing-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { type StoredVector, writeStates, writeVectors } from "../../platform/store/vectors-store.ts";
import { reportToCallers } from "./callees.ts";
import { observeHistory } from "./history.ts";

export interface RefoldDeps {
  db: Database;
  windowSizeMs: number;
  logger: Logger;
}

/** Windows read at once. */
const CHUNK_WINDOWS = 64;
const STATES_AT_ONCE = 200;

/** @returns the number of windows that were folded, 0 when nothing had to be */
export async function refoldIfSpecChanged(deps: RefoldDeps): Promise<number> {
  if (!(await hasForeignStates(deps.db, FEATURE_SPEC.hash))) return 0;
  deps.logger.info({ specHash: FEATURE_SPEC.hash }, "the features have changed: folding the history again");
  const count = await deps.db.transaction().execute(async (transaction) => {
    // Nobody closes meanwhile. Reading and writing go through other connections, so that no transaction spans the history.
    await lockUntilCommit(transaction, "closing");
    return refold(deps);
  });
  deps.logger.info({ windows: count }, "the history is folded");
  return count;
}

async function refold({ db, windowSizeMs: sizeMs }: RefoldDeps): Promise<number> {
  const { closedThroughMs } = await readStreamClock(db);
  const states = new Map<number, { state: FeatureState; atMs: EpochMs }>();
  const firstMs = await oldestClosedWindow(db);
  let count = 0;
  if (firstMs !== null && closedThroughMs !== null) {
    const chunkMs = CHUNK_WINDOWS * sizeMs;
    for (let fromMs = firstMs; fromMs < closedThroughMs; fromMs += chunkMs) {
      const toMs = Math.min(fromMs + chunkMs, closedThroughMs);
      const rows = await readClosedWindows(db, { fromMs, toMs });
      const fresh = await countNewFingerprints(db, { fromMs, toMs, sizeMs });
      const freshAt = new Map<EpochMs, Map<number, number>>();
      for (const { serviceId, startMs, count: kinds } of fresh) {
        freshAt.set(startMs, (freshAt.get(startMs) ?? new Map<number, number>()).set(serviceId, kinds));
      }
      const vectors = [...byStart(rows)].flatMap(([startMs, windows]) =>
        foldWindow(startMs, windows, freshAt.get(startMs) ?? new Map(), states, sizeMs),
      );
      await writeVectors(db, FEATURE_SPEC.hash, vectors);
      count += rows.length;
    }
  }
  const folded = [...states].map(([serviceId, { state, atMs }]) => ({
    ...{ serviceId, atMs, state },
    specHash: FEATURE_SPEC.hash,
  }));
  for (let index = 0; index < folded.length; index += STATES_AT_ONCE) {
    await writeStates(db, folded.slice(index, index + STATES_AT_ONCE));
  }
  // A state without a window left has nothing to be folded from.
  await db.deleteFrom("feature_states").where("spec_hash", "<>", FEATURE_SPEC.hash).execute();
  return count;
}

function foldWindow(
  startMs: EpochMs,
  rows: readonly HistoricWindow[],
  freshOf: ReadonlyMap<number, number>,
  states: Map<number, { state: FeatureState; atMs: EpochMs }>,
  sizeMs: number,
): StoredVector[] {
  const atMs = startMs + sizeMs;
  const folded = observeHistory(rows, freshOf, { startMs, sizeMs }).map(({ serviceId, observation }) => {
    const state = states.get(serviceId)?.state ?? createFeatureState();
    advanceInPlace(state, observation);
    states.set(serviceId, { state, atMs });
    return state;
  });
  const vectors = folded.map(vectorOf);
  reportToCallers(
    rows.map(({ service }) => service),
    folded,
    vectors,
  );
  return rows.map(({ service }, index) => ({ serviceId: service.id, atMs, vector: vectors[index]! }));
}

function byStart(rows: readonly HistoricWindow[]): Map<EpochMs, HistoricWindow[]> {
  const groups = new Map<EpochMs, HistoricWindow[]>();
  for (const row of rows) {
    const group = groups.get(row.startMs);
    if (group === undefined) groups.set(row.startMs, [row]);
    else group.push(row);
  }
  return groups;
}
