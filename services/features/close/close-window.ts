/** Closes the next window for all services at once, in one transaction: labels, features, predictions and the end of the window go
 *  in together, so a crash at any moment leaves it either open or closed. */
import { setImmediate } from "node:timers/promises";
import { advanceInPlace, FEATURE_SPEC, type FeatureState, vectorOf } from "../../../models/features/fold.ts";
import type { EpochMs } from "../../../models/telemetry/records.ts";
import type { FailurePolicy } from "../../../models/windows/failure.ts";
import { windowStart } from "../../../models/windows/window-time.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { lockUntilCommit, tryLockUntilCommit } from "../../platform/store/advisory-lock.ts";
import { readStreamClock, type StreamClock, setClosedThrough } from "../../platform/store/clock-store.ts";
import {
  closeWindows,
  countNewFingerprints,
  type OpenWindow,
  readClosingWindows,
  retireServices,
} from "../../platform/store/closing-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { readIncidents } from "../../platform/store/incidents-store.ts";
import { insertPredictions } from "../../platform/store/predictions-store.ts";
import { type StoredVector, writeStates, writeVectors } from "../../platform/store/vectors-store.ts";
import { oldestOpenWindow } from "../../platform/store/windows-store.ts";
import { reportToCallers } from "./callees.ts";
import type { FoldMemory } from "./fold-memory.ts";
import { judgeWindow, observeWindows, type ServiceWindow } from "./observe.ts";
import { type Score, type ScoreDeps, scoreServices } from "./score.ts";
import { type WatermarkInput, watermarkOf } from "./watermark.ts";

export interface CloseDeps extends ScoreDeps {
  db: Database;
  clock: Clock;
  newId: NewId;
  memory: FoldMemory;
  policy: FailurePolicy;
  serviceRetireAfterMs: number;
}

export type CloseOutcome =
  /** another process is closing */
  | { kind: "elsewhere" }
  /** no window has ended yet */
  | { kind: "nothing" }
  | { kind: "closed"; startMs: EpochMs; serviceCount: number; onsetCount: number }
  /** a span in which there was nobody to observe */
  | { kind: "skipped"; fromMs: EpochMs; toMs: EpochMs };

/** Services whose states are folded and written in one go. */
const FOLDED_AT_ONCE = 250;
const PREDICTIONS_AT_ONCE = 500;

/** What the closer knows of time; the newest arrival is read once no batch is being merged. */
export type Moment = Omit<WatermarkInput, "lastReceivedMs">;

export async function closeNextWindow(moment: Moment, deps: CloseDeps): Promise<CloseOutcome> {
  const watermarkAt = ({ lastReceivedMs }: StreamClock) => watermarkOf({ ...moment, lastReceivedMs });
  try {
    return await deps.db.transaction().execute(async (transaction) => {
      if (!(await tryLockUntilCommit(transaction, "closing"))) return { kind: "elsewhere" };
      const before = await readStreamClock(transaction);
      if (!(await mayClose(transaction, before, watermarkAt(before), deps.windowSizeMs))) return { kind: "nothing" };
      await lockUntilCommit(transaction, "merging", "exclusive");
      const clock = await readStreamClock(transaction);
      return closeNext(transaction, clock, watermarkAt(clock), deps);
    });
  } catch (error) {
    // The states in memory may be ahead of what was committed.
    deps.memory.forget();
    throw error;
  }
}

/** A look before the lock that makes merging wait. */
async function mayClose(
  transaction: Database,
  { closedThroughMs }: StreamClock,
  watermarkMs: EpochMs | null,
  windowSizeMs: number,
): Promise<boolean> {
  if (watermarkMs === null) return false;
  const startMs = closedThroughMs ?? (await oldestOpenWindow(transaction, null));
  return startMs !== null && startMs + windowSizeMs <= watermarkMs;
}

async function closeNext(
  transaction: Database,
  clock: StreamClock,
  watermarkMs: EpochMs | null,
  deps: CloseDeps,
): Promise<CloseOutcome> {
  const { windowSizeMs: sizeMs, memory } = deps;
  const startMs = clock.closedThroughMs ?? (await oldestOpenWindow(transaction, null));
  if (watermarkMs === null || startMs === null || startMs + sizeMs > watermarkMs) return { kind: "nothing" };

  const endMs = startMs + sizeMs;
  const open = await readClosingWindows(transaction, { startMs, endMs });
  const retired = open.filter(
    ({ stats, lastActiveMs }) => stats === null && lastActiveMs < endMs - deps.serviceRetireAfterMs,
  );
  await retireServices(
    transaction,
    retired.map(({ service }) => service.id),
  );
  const closing = open.filter((one) => !retired.includes(one));
  if (closing.length === 0 || isAbsence(closing, clock, startMs, endMs)) {
    return skip(transaction, closing.length === 0 ? null : clock, startMs, watermarkMs, sizeMs);
  }

  memory.keepOnlyAt(clock.closedThroughMs);
  const windows = await judge(transaction, closing, startMs, deps);
  const vectors = await fold(transaction, windows, startMs, deps);
  // Before base rates are asked for: what they read then includes this window.
  for (const { service, failed, onset } of windows) memory.count(service.id, { failed, onset });
  const scores = await writeAndScore(transaction, windows, vectors, deps);
  await writePredictions(transaction, scores, deps);
  await setClosedThrough(transaction, endMs);
  memory.moveTo(endMs);
  const onsetCount = windows.filter((window) => window.onset).length;
  return { kind: "closed", startMs, serviceCount: windows.length, onsetCount };
}

/** Whether nobody listened: then silence says nothing about the services. */
function isAbsence(
  closing: readonly OpenWindow[],
  { absence }: StreamClock,
  startMs: EpochMs,
  endMs: EpochMs,
): boolean {
  if (absence === null || startMs < absence.fromMs || endMs > absence.untilMs) return false;
  return closing.every(({ stats }) => stats === null);
}

/** Goes on to the next window that has records, or as far as time has come.
 *  @param clock given: no further than the end of the absence */
async function skip(
  transaction: Database,
  clock: StreamClock | null,
  startMs: EpochMs,
  watermarkMs: EpochMs,
  sizeMs: number,
): Promise<CloseOutcome> {
  const limits = [windowStart(watermarkMs, sizeMs)];
  const next = await oldestOpenWindow(transaction, startMs);
  if (next !== null) limits.push(next);
  if (clock?.absence != null) limits.push(windowStart(clock.absence.untilMs, sizeMs));
  const toMs = Math.min(...limits);
  if (toMs <= startMs) return { kind: "nothing" };
  await setClosedThrough(transaction, toMs);
  return { kind: "skipped", fromMs: startMs, toMs };
}

async function judge(
  transaction: Database,
  closing: readonly OpenWindow[],
  startMs: EpochMs,
  { windowSizeMs: sizeMs, policy }: CloseDeps,
): Promise<ServiceWindow[]> {
  const toMs = startMs + sizeMs;
  const incidents = await readIncidents(transaction, { fromMs: startMs, toMs });
  const fresh = await countNewFingerprints(transaction, { fromMs: startMs, toMs, sizeMs });
  const freshOf = new Map(fresh.map(({ serviceId, count }) => [serviceId, count]));
  return closing.map(({ service, stats, lastFailed }) => {
    const failed = judgeWindow(service.id, stats, { startMs, sizeMs }, incidents, policy);
    const onset = failed === true && lastFailed === false;
    return { service, stats, failed, onset, newFingerprintCount: freshOf.get(service.id) ?? 0 };
  });
}

/** Folds every service's window into its features, and meanwhile has the database mark the windows as closed and write states. */
async function fold(
  transaction: Database,
  windows: readonly ServiceWindow[],
  startMs: EpochMs,
  { windowSizeMs: sizeMs, memory }: CloseDeps,
): Promise<StoredVector[]> {
  const span = { startMs, sizeMs };
  const atMs = startMs + sizeMs;
  const ids = windows.map(({ service }) => service.id);
  const states = await memory.statesOf(transaction, ids, span);
  const due = memory.dueOf(ids);
  // A connection takes one statement at a time: each waits for the one before.
  let writing: Promise<unknown> = closeWindows(
    transaction,
    { startMs, endMs: atMs },
    windows.map(({ service, stats, failed, onset }) => ({
      ...{ serviceId: service.id, active: stats !== null },
      ...{ failed, onset },
    })),
  );
  const observations = observeWindows(windows, span);
  const folds: FeatureState[] = [];
  const vectors: StoredVector[] = [];
  for (let from = 0; from < windows.length; from += FOLDED_AT_ONCE) {
    const folded = windows.slice(from, from + FOLDED_AT_ONCE).map(({ service }, index) => {
      // statesOf has one for each, and there is one observation per window. The memory is forgotten if this is not committed.
      const state = advanceInPlace(states.get(service.id)!, observations[from + index]!);
      return { serviceId: service.id, atMs, specHash: FEATURE_SPEC.hash, state };
    });
    for (const { serviceId, state } of folded) {
      folds.push(state);
      vectors.push({ serviceId, atMs, vector: vectorOf(state) });
    }
    const written = folded.filter(({ serviceId }) => due.has(serviceId));
    writing = writing.then(() => writeStates(transaction, written));
    // It is waited for below; a failure until then is no unhandled one.
    writing.catch(() => {});
    await setImmediate();
  }
  await writing;
  reportToCallers(
    windows.map(({ service }) => service),
    folds,
    vectors.map(({ vector }) => vector),
  );
  return vectors;
}

/** The model scores while the database writes what it reads. */
async function writeAndScore(
  transaction: Database,
  windows: readonly ServiceWindow[],
  vectors: readonly StoredVector[],
  deps: CloseDeps,
): Promise<Score[]> {
  // One vector per window.
  const rows = windows.map(({ service, failed }, index) => {
    return { serviceId: service.id, vector: vectors[index]!.vector, failed };
  });
  const ids = rows.map(({ serviceId }) => serviceId);
  const atMs = vectors[0]!.atMs; // a window is closed for somebody
  const writing = writeVectors(transaction, FEATURE_SPEC.hash, vectors);
  const baseRates = async () => {
    await writing;
    return deps.memory.baseRates(transaction, ids, atMs, deps.windowSizeMs);
  };
  const [scores] = await Promise.all([scoreServices(rows, atMs, baseRates, deps), writing]);
  return scores;
}

async function writePredictions(transaction: Database, scores: readonly Score[], deps: CloseDeps): Promise<void> {
  const madeAtMs = deps.clock.now();
  for (let from = 0; from < scores.length; from += PREDICTIONS_AT_ONCE) {
    const slice = scores.slice(from, from + PREDICTIONS_AT_ONCE);
    await insertPredictions(
      transaction,
      slice.map((score) => ({ ...score, id: deps.newId(), madeAtMs, source: "window" as const })),
    );
  }
}
