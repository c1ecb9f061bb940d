/** Merges a job of the telemetry queue into the store: all of it and its batch ids in one transaction, so that a job which is
 *  delivered again, after a crash or by a second worker at the same moment, changes nothing. */
import type { EpochMs, TelemetryBatch, TelemetryJob } from "../../../models/telemetry/records.ts";
import type { NameBounds } from "../../../models/windows/bounded-map.ts";
import { sumWindowStats } from "../../../models/windows/merge.ts";
import { otherCounts } from "../../../models/windows/other-counts.ts";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";
import type { Clock } from "../../platform/clock.ts";
import type { GroupingSource } from "../../platform/grouping/grouping-source.ts";
import { lockUntilCommit } from "../../platform/store/advisory-lock.ts";
import { claimBatches } from "../../platform/store/batches-store.ts";
import { advanceStreamClock, readStreamClock } from "../../platform/store/clock-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { addToErrorGroupServices, addToErrorGroups, recordSightings } from "../../platform/store/errors-store.ts";
import {
  addToLedger,
  type LedgerEntries,
  NAME_KINDS,
  type OtherNamesCounter,
} from "../../platform/store/ledger-store.ts";
import { touchServices } from "../../platform/store/services-store.ts";
import { ensureWindows, lockWindows, type WindowUpdate, writeWindows } from "../../platform/store/windows-store.ts";
import { admitGroups } from "./admit-groups.ts";
import { type Admission, admitServices } from "./admit-services.ts";
import { batchesOf, type CombinedDelta, deltasOf, groupsOf, recordCountOf, servicesOf } from "./combine.ts";
import { type IdentifiedError, type IdentifyDeps, identifyErrors } from "./identify-errors.ts";

export interface MergeDeps extends IdentifyDeps {
  db: Database;
  clock: Clock;
  grouping: GroupingSource;
  windowSizeMs: number;
  maxServices: number;
  maxErrorGroups: number;
  nameBounds: Readonly<NameBounds>;
}

/** What a job changed, in records of each kind; the same numbers went into the ledger. A batch that is in the job twice counts as one
 *  that came again, so totals are the same however batches are put into jobs and jobs together. */
export type MergeOutcome = LedgerEntries;

/** @throws CONFLICT for batches that cannot be added up (combine.ts); whatever the store throws, then nothing was merged */
export async function mergeJob(job: TelemetryJob, deps: MergeDeps): Promise<MergeOutcome> {
  const batches = batchesOf(job, deps.windowSizeMs);
  const nowMs = deps.clock.now();
  return deps.db.transaction().execute(async (transaction) => {
    // From here on windows stay open until this job is in them, also while its errors are worked out.
    await lockUntilCommit(transaction, "merging", "shared");
    const claimed = await claimBatches(transaction, batches, nowMs);
    const fresh = batches.filter((batch) => claimed.has(batch.batchId));
    const outcome = countBatches(job.batches, fresh);
    if (fresh.length > 0) Object.assign(outcome, await mergeFresh(transaction, fresh, nowMs, deps));
    await addToLedger(transaction, outcome);
    return outcome;
  });
}

async function mergeFresh(
  transaction: Database,
  batches: readonly TelemetryBatch[],
  nowMs: EpochMs,
  deps: MergeDeps,
): Promise<MergeOutcome> {
  const { windowSizeMs, maxServices, maxErrorGroups, nameBounds } = deps;
  const errors = await identifyErrors(
    batches.flatMap((batch) => batch.errors),
    deps,
    // Nobody changes it while we hold the merging lock.
    await deps.grouping.current(transaction),
  );
  const services = servicesOf(batches, windowSizeMs, nowMs);
  const admission = await admitServices(transaction, services, maxServices);
  const unseen = await withoutRepeated(transaction, errors);
  const { errors: counted, known, otherCount } = await admitGroups(transaction, unseen, maxErrorGroups);
  const deltas = deltasOf(batches, counted, admission.idOf, windowSizeMs);

  const { groups, activity } = groupsOf(counted, admission.idOf);
  await addToErrorGroups(transaction, groups, known);
  await addToErrorGroupServices(transaction, activity);
  const { lateCount, others } = await mergeDeltas(transaction, deltas, { windowSizeMs, nameBounds });
  await touchServices(transaction, activityOf(services, admission), nowMs);
  await advanceStreamClock(transaction, arrivalOf(batches));
  return {
    "records.late": lateCount,
    "records.other_services": otherRecords(batches, admission),
    "errors.counted": counted.length,
    "errors.repeated": errors.length - counted.length,
    "errors.other_groups": otherCount,
    ...others,
  };
}

/** Windows that are added up in one go: some milliseconds. */
const WINDOWS_AT_ONCE = 200;

/** @returns how many records came after their window had closed, and what found no room under its own name */
async function mergeDeltas(
  transaction: Database,
  deltas: readonly CombinedDelta[],
  { windowSizeMs, nameBounds }: Pick<MergeDeps, "windowSizeMs" | "nameBounds">,
): Promise<{ lateCount: number; others: OtherEntries }> {
  // It stays what it is while we hold the merging lock.
  const { closedThroughMs } = await readStreamClock(transaction);
  await ensureWindows(transaction, deltas, emptyWindowStats());
  let lateCount = 0;
  const others: OtherEntries = {};
  for (let from = 0; from < deltas.length; from += WINDOWS_AT_ONCE) {
    const slice = deltas.slice(from, from + WINDOWS_AT_ONCE);
    const rows = await lockWindows(transaction, slice);
    const rowOf = new Map(rows.map((row) => [`${row.serviceId} ${row.startMs}`, row]));
    const updates = slice.map(({ serviceId, startMs, parts }): WindowUpdate => {
      const row = rowOf.get(`${serviceId} ${startMs}`);
      const closed = row?.closed === true || (closedThroughMs !== null && startMs + windowSizeMs <= closedThroughMs);
      const stats = sumWindowStats(row === undefined ? parts : [row.stats, ...parts], nameBounds);
      addOthers(others, row?.stats, stats);
      const addedLateCount = closed ? parts.reduce((sum, part) => sum + recordCountOf(part), 0) : 0;
      return { serviceId, startMs, closed, stats, addedLateCount };
    });
    await writeWindows(transaction, updates);
    lateCount += updates.reduce((sum, update) => sum + update.addedLateCount, 0);
  }
  return { lateCount, others };
}

type OtherEntries = Partial<Record<OtherNamesCounter, number>>;

/** Adds what this merge moved under `_OTHER`. */
function addOthers(others: OtherEntries, before: WindowStats | undefined, after: WindowStats): void {
  const had = otherCounts(before ?? emptyWindowStats());
  const has = otherCounts(after);
  for (const kind of NAME_KINDS) {
    const counter = `other.${kind}` as const;
    const more = has[kind] - had[kind];
    if (more > 0) others[counter] = (others[counter] ?? 0) + more;
  }
}

/** Drops second reports of errors, within the job and of earlier ones. */
async function withoutRepeated(transaction: Database, errors: readonly IdentifiedError[]): Promise<IdentifiedError[]> {
  const first = new Map<string, IdentifiedError>();
  for (const error of errors) {
    if (error.sightingKey === null) continue;
    const known = first.get(error.sightingKey);
    if (known === undefined || isBefore(error, known)) first.set(error.sightingKey, error);
  }
  const sightings = [...first.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const unseen = await recordSightings(
    transaction,
    sightings.map(([key, { record }]) => ({ key, eventMs: record.timeMs })),
  );
  return errors.filter(({ sightingKey }, index) => {
    if (sightingKey === null) return true;
    return unseen.has(sightingKey) && first.get(sightingKey) === errors[index];
  });
}

/** Of two reports in one job the earlier counts, wherever it stands in the job. */
function isBefore(a: IdentifiedError, b: IdentifiedError): boolean {
  if (a.record.timeMs !== b.record.timeMs) return a.record.timeMs < b.record.timeMs;
  return a.fingerprint !== b.fingerprint ? a.fingerprint < b.fingerprint : a.verdict.class < b.verdict.class;
}

function activityOf(services: ReturnType<typeof servicesOf>, admission: Admission) {
  const activity = new Map<
    number,
    { id: number; firstEventMs: EpochMs; lastEventMs: EpochMs; language: string | null }
  >();
  for (const service of services) {
    const id = admission.idOf(service);
    const known = activity.get(id);
    const { firstEventMs, lastEventMs } = service;
    const language = admission.isOther(service) ? null : service.language;
    if (known === undefined) activity.set(id, { id, firstEventMs, lastEventMs, language });
    else {
      known.firstEventMs = Math.min(known.firstEventMs, firstEventMs);
      known.lastEventMs = Math.max(known.lastEventMs, lastEventMs);
    }
  }
  return [...activity.values()].sort((a, b) => a.id - b.id);
}

/** A batch cannot speak of the future: a sender whose clock runs ahead must not close the others' windows. */
function arrivalOf(batches: readonly TelemetryBatch[]): { maxEventMs: EpochMs | null; lastReceivedMs: EpochMs } {
  const times = batches.flatMap(({ maxEventTimeMs, receivedAtMs }) =>
    maxEventTimeMs === null ? [] : [Math.min(maxEventTimeMs, receivedAtMs)],
  );
  return {
    maxEventMs: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
    lastReceivedMs: batches.map((batch) => batch.receivedAtMs).reduce((a, b) => Math.max(a, b)),
  };
}

function countBatches(all: readonly TelemetryBatch[], fresh: readonly TelemetryBatch[]): LedgerEntries {
  const records = (batches: readonly TelemetryBatch[]) => batches.reduce((sum, batch) => sum + batch.recordCount, 0);
  const received = records(all);
  const freshRecords = records(fresh);
  const rejected = fresh
    .flatMap((batch) => Object.values(batch.rejected))
    .reduce((sum: number, count) => sum + (count ?? 0), 0);
  return {
    "records.received": received,
    "records.merged": freshRecords - rejected,
    "records.rejected": rejected,
    "records.duplicate": received - freshRecords,
    "batches.merged": fresh.length,
    "batches.duplicate": all.length - fresh.length,
  };
}

function otherRecords(batches: readonly TelemetryBatch[], admission: Admission): number {
  return batches
    .flatMap((batch) => batch.windows)
    .filter((delta) => admission.isOther(delta.service))
    .reduce((sum, delta) => sum + recordCountOf(delta.stats), 0);
}
