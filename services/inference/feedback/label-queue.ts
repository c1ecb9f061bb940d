/** What it would help most to label: groups of errors from telemetry and errors asked about, without those already labelled. */
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Clock } from "../../platform/clock.ts";
import { readAskedFingerprints } from "../../platform/store/classifications-store.ts";
import type { Database } from "../../platform/store/database.ts";
import { readErrorGroups } from "../../platform/store/errors-store.ts";
import { labelledFingerprints } from "../../platform/store/feedback-store.ts";
import { type Candidate, type RankedCandidate, rankCandidates } from "./rank-candidates.ts";

export interface LabelCandidate extends Candidate {
  exceptionType: string | null;
  /** the message with its changing parts taken out, or the message itself when only `/classify` has seen it */
  template: string;
}

/** Ranked among at most this many of the most recent groups and of the most asked about. */
const POOL = 1000;
const ASKED_SINCE_MS = 30 * 86_400_000;

export async function readLabelQueue(
  db: Database,
  clock: Clock,
  limit: number,
): Promise<Array<RankedCandidate<LabelCandidate>>> {
  const nowMs = clock.now();
  const candidates = new Map<string, LabelCandidate>();
  for (const group of await readErrorGroups(db, null, { limit: POOL })) {
    candidates.set(group.fingerprint, { ...group, seenCount: group.errorCount });
  }
  const asked = await readAskedFingerprints(db, { sinceMs: nowMs - ASKED_SINCE_MS, limit: POOL });
  for (const { classification, askedCount, firstAskedMs } of asked) {
    const { fingerprint, error } = classification;
    const known = candidates.get(fingerprint);
    if (known !== undefined) {
      known.seenCount += askedCount;
      continue;
    }
    candidates.set(fingerprint, {
      ...classification,
      exceptionType: error.exceptionType ?? null,
      template: messageOf(error),
      seenCount: askedCount,
      firstSeenMs: firstAskedMs,
      lastSeenMs: classification.createdAtMs,
    });
  }
  const labelled = await labelledFingerprints(db, [...candidates.keys()]);
  const open = [...candidates.values()].filter(({ fingerprint }) => !labelled.has(fingerprint));
  return rankCandidates(open, nowMs).slice(0, limit);
}

function messageOf(error: ErrorRecord): string {
  return (error.exceptionMessage ?? error.body ?? error.stacktrace ?? "").slice(0, 500);
}
