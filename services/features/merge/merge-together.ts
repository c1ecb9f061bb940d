/** Group commit of merges: jobs that come while a merge is going on share the next transaction. Most of what a small job costs are a
 *  transaction's round trips, so a backlog costs less per job the longer it is, and without one no job waits for another. */
import { createBatcher } from "../../platform/batcher.ts";
import type { SealedTelemetryJob } from "../../platform/queue/telemetry-job.ts";
import { asHarbingerError } from "../../platform/store/outage.ts";
import type { MergeOutcome } from "./merge-job.ts";

export interface MergeTogetherOptions {
  /** merges all batches of the job in one transaction, or none */
  merge(job: SealedTelemetryJob): Promise<MergeOutcome>;
  /** jobs in one transaction */
  maxJobs: number;
  /** sealed bytes from which on no further job joins a transaction */
  maxBytes: number;
  /** transactions under way; beside another, one begins only with as much as it may hold */
  maxMerges: number;
}

export interface MergedTogether {
  /** what the transaction changed, for all of its jobs */
  outcome: MergeOutcome;
  jobCount: number;
}

/** Resolves once the transaction with the job is committed.
 *  @returns to the first job of each transaction; null to the others, so that adding up over jobs counts everything once
 *  @throws what merging the job alone throws; for all jobs of a transaction when time may heal it */
export type MergeTogether = (job: SealedTelemetryJob) => Promise<MergedTogether | null>;

interface Member {
  job: SealedTelemetryJob;
  merged: MergedTogether | null;
  failure: { reason: unknown } | null;
}

export function createMergeTogether(options: MergeTogetherOptions): MergeTogether {
  const batcher = createBatcher<Member>({
    run: (members) => mergeMembers(members, options.merge),
    maxWaitMs: 0,
    maxItems: options.maxJobs,
    maxSize: options.maxBytes,
    sizeOf: ({ job }) => job.batches.reduce((sum, batch) => sum + batch.length, 0),
    maxRuns: options.maxMerges,
    maxPartialRuns: 1,
  });
  return async (job) => {
    const member: Member = { job, merged: null, failure: null };
    await batcher.add(member);
    if (member.failure !== null) throw member.failure.reason;
    return member.merged;
  };
}

/** What cannot be merged must not keep the others out: then each is merged alone, in the same order. During an outage each attempt of
 *  a job is one attempt: all of them fail at once and come back with their own backoff. */
async function mergeMembers(members: readonly Member[], merge: MergeTogetherOptions["merge"]): Promise<void> {
  const [first] = members;
  if (first === undefined) return;
  try {
    const outcome = await merge({ batches: members.flatMap(({ job }) => job.batches) });
    first.merged = { outcome, jobCount: members.length };
  } catch (reason) {
    if (members.length === 1 || isPassing(reason)) throw reason;
    await mergeEachAlone(members, merge);
  }
}

async function mergeEachAlone(members: readonly Member[], merge: MergeTogetherOptions["merge"]): Promise<void> {
  let outage: Member["failure"] = null;
  for (const member of members) {
    if (outage !== null) {
      member.failure = outage;
      continue;
    }
    try {
      member.merged = { outcome: await merge(member.job), jobCount: 1 };
    } catch (reason) {
      member.failure = { reason };
      if (isPassing(reason)) outage = member.failure;
    }
  }
}

function isPassing(reason: unknown): boolean {
  return asHarbingerError(reason).retryable;
}
