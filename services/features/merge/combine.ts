/** Adds up what a job brings, before anything is written: batches to deltas per service and window, errors to groups. Pure. */
import type { EpochMs, ServiceIdentity, TelemetryBatch, TelemetryJob } from "../../../models/telemetry/records.ts";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";
import { windowStart } from "../../../models/windows/window-time.ts";
import type { ErrorJudgement } from "../../platform/classification/error-classifier.ts";
import { HarbingerError } from "../../platform/errors.ts";
import {
  type ErrorGroup,
  type ErrorGroupActivity,
  type ErrorGroupAddition,
  OTHER_GROUP,
} from "../../platform/store/errors-store.ts";
import type { NewService } from "../../platform/store/services-store.ts";
import { identityKey } from "../../platform/store/services-store.ts";
import type { IdentifiedError } from "./identify-errors.ts";

/** The batches of a job, each id once.
 *  @throws CONFLICT when they were cut into windows that cannot be added up to ours: the job is then kept, not lost */
export function batchesOf(job: TelemetryJob, windowSizeMs: number): TelemetryBatch[] {
  const batches = new Map<string, TelemetryBatch>();
  for (const batch of job.batches) {
    if (batch.format !== 1 || windowSizeMs % batch.windowSizeMs !== 0) {
      throw new HarbingerError(
        "CONFLICT",
        `a batch has format ${batch.format} and windows of ${batch.windowSizeMs} ms, this worker adds up windows of ${windowSizeMs} ms: start every receiver with the same HARBINGER_WINDOW_SIZE`,
      );
    }
    if (!batches.has(batch.batchId)) batches.set(batch.batchId, batch);
  }
  return [...batches.values()];
}

/** Everyone who is named, with the span of event time in which they are.
 *  @returns in order of `identityKey`, each once */
export function servicesOf(
  batches: readonly TelemetryBatch[],
  windowSizeMs: number,
  mergedAtMs: EpochMs,
): (NewService & { language: string | null })[] {
  const services = new Map<string, NewService & { language: string | null }>();
  const see = (identity: ServiceIdentity, firstMs: EpochMs, lastMs: EpochMs, language: string | null): void => {
    const key = identityKey(identity);
    const known = services.get(key);
    if (known === undefined) {
      const { namespace, name, environment } = identity;
      services.set(key, {
        ...{ namespace, name, environment },
        ...{ firstEventMs: firstMs, lastEventMs: lastMs, mergedAtMs, language },
      });
      return;
    }
    known.firstEventMs = Math.min(known.firstEventMs, firstMs);
    known.lastEventMs = Math.max(known.lastEventMs, lastMs);
    known.language ??= language;
  };
  for (const batch of batches) {
    const newestMs = batch.maxEventTimeMs ?? Number.POSITIVE_INFINITY;
    for (const { service, startMs } of batch.windows) {
      see(service, startMs, Math.max(startMs, Math.min(startMs + windowSizeMs - 1, newestMs)), null);
    }
    for (const { service, timeMs, language } of batch.errors) see(service, timeMs, timeMs, language ?? null);
  }
  return [...services.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, service]) => service);
}

interface ErrorCounts {
  errorCount: number;
  classes: Map<string, number>;
  fingerprints: Map<string, number>;
}

export interface CombinedDelta {
  serviceId: number;
  startMs: EpochMs;
  parts: WindowStats[];
}

/** All that goes into each window.
 *  @param errors those that count
 *  @returns ascending by service, then start */
export function deltasOf(
  batches: readonly TelemetryBatch[],
  errors: readonly IdentifiedError[],
  serviceIdOf: (identity: ServiceIdentity) => number,
  windowSizeMs: number,
): CombinedDelta[] {
  const deltas = new Map<string, CombinedDelta>();
  const deltaAt = (identity: ServiceIdentity, timeMs: EpochMs): CombinedDelta => {
    const serviceId = serviceIdOf(identity);
    const startMs = windowStart(timeMs, windowSizeMs);
    const key = `${serviceId} ${startMs}`;
    const known = deltas.get(key);
    if (known !== undefined) return known;
    const delta = { serviceId, startMs, parts: [] };
    deltas.set(key, delta);
    return delta;
  };
  for (const batch of batches) {
    for (const { service, startMs, stats } of batch.windows) deltaAt(service, startMs).parts.push(stats);
  }
  const counts = new Map<CombinedDelta, ErrorCounts>();
  for (const { record, group, verdict } of errors) {
    const delta = deltaAt(record.service, record.timeMs);
    const count = counts.get(delta) ?? { errorCount: 0, classes: new Map(), fingerprints: new Map() };
    counts.set(delta, count);
    count.errorCount += 1;
    count.classes.set(verdict.class, (count.classes.get(verdict.class) ?? 0) + 1);
    count.fingerprints.set(group, (count.fingerprints.get(group) ?? 0) + 1);
  }
  for (const [delta, { errorCount, classes, fingerprints }] of counts) {
    const named = { classes: Object.fromEntries(classes), fingerprints: Object.fromEntries(fingerprints) };
    delta.parts.push({ ...emptyWindowStats(), errorCount, ...named });
  }
  return [...deltas.values()].sort((a, b) => a.serviceId - b.serviceId || a.startMs - b.startMs);
}

/** Records in a delta; errors are parts of spans and logs and do not count again. */
export function recordCountOf({ spanCount, logCount, metricPointCount }: WindowStats): number {
  return spanCount + logCount + metricPointCount;
}

/** @returns ascending by fingerprint (then service), as the stores want them */
export function groupsOf(
  errors: readonly IdentifiedError[],
  serviceIdOf: (identity: ServiceIdentity) => number,
): { groups: ErrorGroupAddition[]; activity: ErrorGroupActivity[] } {
  const groups = new Map<string, ErrorGroupAddition>();
  const activity = new Map<string, ErrorGroupActivity>();
  for (const { record, fingerprint, group: shownIn, template, exceptionType, verdict } of errors) {
    const seen = { firstSeenMs: record.timeMs, lastSeenMs: record.timeMs, errorCount: 1 };
    const group = groups.get(fingerprint);
    const said = fingerprint === OTHER_GROUP ? OTHER_VERDICT : verdict;
    if (group === undefined) {
      const about = { fingerprint, group: shownIn, exceptionType, template, sample: record };
      groups.set(fingerprint, { ...about, ...said, ...seen });
    } else {
      // As the store does it: the newest event says what the group is.
      if (isNewer(seen.lastSeenMs, said, group)) Object.assign(group, said);
      addSeen(group, seen);
    }
    const serviceId = serviceIdOf(record.service);
    const pair = `${fingerprint} ${serviceId}`;
    const known = activity.get(pair);
    if (known === undefined) activity.set(pair, { fingerprint, serviceId, ...seen });
    else addSeen(known, seen);
  }
  const byFingerprint = (a: { fingerprint: string }, b: { fingerprint: string }) =>
    a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0;
  return {
    groups: [...groups.values()].sort(byFingerprint),
    activity: [...activity.values()].sort((a, b) => byFingerprint(a, b) || a.serviceId - b.serviceId),
  };
}

/** Many kinds of error have no class in common. */
const OTHER_VERDICT: ErrorJudgement = { class: "unknown", probability: 0, abstained: true };

function isNewer(atMs: EpochMs, said: ErrorJudgement, group: ErrorGroup): boolean {
  if (atMs !== group.lastSeenMs) return atMs > group.lastSeenMs;
  return said.class !== group.class ? said.class > group.class : said.probability > group.probability;
}

interface Seen {
  firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  errorCount: number;
}

function addSeen(into: Seen, more: Seen): void {
  into.firstSeenMs = Math.min(into.firstSeenMs, more.firstSeenMs);
  into.lastSeenMs = Math.max(into.lastSeenMs, more.lastSeenMs);
  into.errorCount += more.errorCount;
}
