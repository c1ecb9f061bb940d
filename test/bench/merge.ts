/** The merge path alone: jobs as the receiver makes them, merged by `mergeJob` with the real classifier into the embedded PostgreSQL.
 *  Prints what a job costs on the main thread, stage by stage, and how long it holds the event loop at most. */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { createErrorReader } from "../../models/classifier/error-reader.ts";
import type { ErrorRecord, TelemetryBatch, TelemetryJob } from "../../models/telemetry/records.ts";
import { summariseTraces } from "../../models/telemetry/summarise.ts";
import { identifyErrors } from "../../services/features/merge/identify-errors.ts";
import { mergeJob } from "../../services/features/merge/merge-job.ts";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import { options } from "../helpers/summarise-options.ts";
import type { Suite, SuiteReport } from "./harness.ts";
import { type MergeStore, openMergeStore } from "./merge-store.ts";

const SPANS_PER_BATCH = 8_000;
const BATCHES = 32;
const WORKERS = 2;

export const mergeSuite: Suite = {
  name: "merge",
  async run(report) {
    const store = await openMergeStore();
    try {
      const batches = Array.from({ length: BATCHES }, (_, index) => referenceBatch(index));
      await run(store, "warm-up", jobsOf(batches.slice(0, 4), 1, "warm"), null);
      for (const perJob of [1, 4]) {
        await run(store, `${perJob} per job`, jobsOf(batches, perJob, `${perJob}`), report);
      }
      const unlike = batches.slice(0, 16).map((batch) => ({ ...batch, errors: batch.errors.map(unlikeAnyOther) }));
      await run(store, "every error a group of its own", jobsOf(unlike, 1, "unlike"), report);
      const named = batches.slice(0, 16).map((batch) => ({ ...batch, errors: batch.errors.map(withMessageInTrace) }));
      await run(store, "message in the trace", jobsOf(named, 1, "named"), report);
    } finally {
      await store.close();
    }
  },
};

/** Batches that arrive at 300 000 spans a second. */
function referenceBatch(index: number): TelemetryBatch {
  const untilMs = Date.UTC(2025, 0, 15, 12) + Math.round((index * SPANS_PER_BATCH) / 300);
  const { protobuf } = referenceTraces({ seed: index + 1, spanCount: SPANS_PER_BATCH, untilMs });
  return summariseTraces(protobuf, "protobuf", options({ receivedAtMs: untilMs + 20 }));
}

/** @param salt makes batches and errors new to the database   @returns as they come out of the queue */
function jobsOf(batches: readonly TelemetryBatch[], perJob: number, salt: string): TelemetryJob[] {
  const jobs: TelemetryJob[] = [];
  for (let at = 0; at < batches.length; at += perJob) {
    const own = batches.slice(at, at + perJob).map((batch, index) => ({
      ...batch,
      batchId: Buffer.from(`${salt} ${at + index}`.padEnd(32)).toString("hex"),
      errors: batch.errors.map((error) => ({ ...error, spanId: Buffer.from(salt.padEnd(8)).toString("hex") })),
    }));
    jobs.push(JSON.parse(JSON.stringify({ batches: own })));
  }
  return jobs;
}

let unlikeCount = 0;
function unlikeAnyOther(error: ErrorRecord): ErrorRecord {
  unlikeCount += 1;
  const word = unlikeCount.toString(26).replace(/\d/g, (digit) => "qrstuvwxyz"[Number(digit)] ?? "q");
  return {
    ...error,
    exceptionMessage: `the ${word} of request ${unlikeCount} failed: upstream did not answer`,
    stacktrace: (error.stacktrace ?? "").replaceAll("handler", `${word}Handler`),
  };
}

/** As most runtimes print it: the trace begins with what was thrown. */
function withMessageInTrace(error: ErrorRecord): ErrorRecord {
  const header = `${error.exceptionType}: ${error.exceptionMessage}`;
  return { ...error, stacktrace: (error.stacktrace ?? "").replace(/^.*/, () => header) };
}

async function run(store: MergeStore, name: string, jobs: readonly TelemetryJob[], report: SuiteReport | null) {
  store.statements.clear();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let next = 0;
  const worker = async () => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) await mergeJob(job, store.deps);
  };
  const mainBefore = mainThreadMs();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  delay.enable();
  await Promise.all(Array.from({ length: WORKERS }, worker));
  delay.disable();
  const tookMs = performance.now() - startedMs;
  if (report === null) return;
  const main = mainThreadMs() - mainBefore;
  const cpu = process.cpuUsage(cpuBefore);
  const spans = jobs.flatMap((job) => job.batches).reduce((sum, batch) => sum + batch.recordCount, 0);
  report.figure(`${name}: merged`, (spans * 1000) / tookMs, "{span}/s");
  report.figure(`${name}: CPU of the main thread per job`, main / jobs.length, "ms");
  report.figure(`${name}: CPU of all threads per job`, (cpu.user + cpu.system) / 1000 / jobs.length, "ms");
  report.figure(`${name}: longest hold of the event loop`, delay.max / 1e6, "ms");
  const slowest = [...store.statements].sort((a, b) => b[1] - a[1]).slice(0, 12);
  for (const [statement, ms] of slowest) {
    report.figure(`${name}: waited per job for ${statement}`, ms / jobs.length, "ms");
  }
  await reportIdentify(store, name, jobs, report);
}

async function reportIdentify(store: MergeStore, name: string, jobs: readonly TelemetryJob[], report: SuiteReport) {
  const deps = { ...store.deps, reader: createErrorReader() };
  const before = mainThreadMs();
  for (const job of jobs) {
    const errors = job.batches.flatMap((batch) => batch.errors);
    await identifyErrors(errors, deps);
  }
  report.figure(`${name}: CPU to identify errors, alone, per job`, (mainThreadMs() - before) / jobs.length, "ms");
}

/** Time that the main thread was on a CPU: what others do on the machine does not count. Elsewhere than on Linux, time that it was busy. */
function mainThreadMs(): number {
  try {
    const [onCpuNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
    return Number(onCpuNs) / 1e6;
  } catch {
    return performance.eventLoopUtilization().active;
  }
}
