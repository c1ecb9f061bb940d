/** A backlog of small jobs, as many small services make it that export by themselves: merged together, as the features role does it, against
 *  one transaction for each. Same jobs but for their ids, same store, in turn. */
import { performance } from "node:perf_hooks";
import type { TelemetryBatch } from "../../models/telemetry/records.ts";
import { summariseTraces } from "../../models/telemetry/summarise.ts";
import { mergeJob } from "../../services/features/merge/merge-job.ts";
import { createMergeTogether } from "../../services/features/merge/merge-together.ts";
import { openTelemetryJob, type SealedTelemetryJob, sealBatch } from "../../services/platform/queue/telemetry-job.ts";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import { options } from "../helpers/summarise-options.ts";
import { median, type Suite } from "./harness.ts";
import { type MergeStore, openMergeStore } from "./merge-store.ts";

const SPANS_PER_JOB = 20;
const JOBS = 256;
const ROUNDS = 5;
/** as in services/features/compose.ts */
const LIMITS = { maxBytes: 128 * 1024, maxMerges: 2 };
const JOBS_AT_ONCE = 32;
const HELD = 32;

export const smallJobsSuite: Suite = {
  name: "small-jobs",
  async run(report) {
    const store = await openMergeStore();
    try {
      const batches = Array.from({ length: JOBS }, (_, index) => smallBatch(index));
      await mergedPerSecond(store, jobsOf(batches, "warm-up"), JOBS_AT_ONCE);
      const pairs: [together: number, alone: number][] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const together = await mergedPerSecond(store, jobsOf(batches, `together ${round}`), JOBS_AT_ONCE);
        pairs.push([together, await mergedPerSecond(store, jobsOf(batches, `alone ${round}`), 1)]);
      }
      report.figure(`jobs of ${SPANS_PER_JOB} spans, merged together`, median(pairs.map(([rate]) => rate)), "{job}/s");
      report.figure(`jobs of ${SPANS_PER_JOB} spans, each alone`, median(pairs.map(([, rate]) => rate)), "{job}/s");
      report.ratio("a backlog of small jobs", "merged together", "one transaction each", pairs);
    } finally {
      await store.close();
    }
  },
};

function smallBatch(index: number): TelemetryBatch {
  const untilMs = Date.UTC(2025, 0, 15, 12) + index * 30;
  const { protobuf } = referenceTraces({ seed: index + 1, spanCount: SPANS_PER_JOB, untilMs });
  return summariseTraces(protobuf, "protobuf", options({ receivedAtMs: untilMs + 20 }));
}

/** @param salt makes the batches new to the database */
function jobsOf(batches: readonly TelemetryBatch[], salt: string): SealedTelemetryJob[] {
  return batches.map((batch, index) => {
    const batchId = Buffer.from(`${salt} ${index}`.padEnd(32)).toString("hex");
    return { batches: [sealBatch({ ...batch, batchId })] };
  });
}

async function mergedPerSecond(store: MergeStore, jobs: readonly SealedTelemetryJob[], maxJobs: number) {
  const mergeTogether = createMergeTogether({
    merge: (job) => mergeJob(openTelemetryJob(job), store.deps),
    ...{ ...LIMITS, maxJobs },
  });
  let next = 0;
  const hold = async () => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) await mergeTogether(job);
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: HELD }, hold));
  return (jobs.length * 1000) / (performance.now() - startedMs);
}
