/** The merge path alone: jobs as the receiver makes them, merged by `mergeJob` with the real classifier into the embedded PostgreSQL.
 *  Prints what a job costs on the main thread, stage by stage, and how long it holds the event loop at most. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { Kysely, type LogEvent, PostgresDialect } from "kysely";
import { createErrorReader } from "../../models/classifier/error-reader.ts";
import type { ErrorRecord, TelemetryBatch, TelemetryJob } from "../../models/telemetry/records.ts";
import { summariseTraces } from "../../models/telemetry/summarise.ts";
import { identifyErrors } from "../../services/features/merge/identify-errors.ts";
import { type MergeDeps, mergeJob } from "../../services/features/merge/merge-job.ts";
import { createErrorClassifier } from "../../services/platform/classification/error-classifier.ts";
import { systemClock } from "../../services/platform/clock.ts";
import { startEmbeddedPostgres } from "../../services/platform/database/embedded-postgres.ts";
import { createModelHost } from "../../services/platform/serving/model-host.ts";
import { openDatabase } from "../../services/platform/store/database.ts";
import { migrate } from "../../services/platform/store/migrate.ts";
import { connectionSettings, createPool } from "../../services/platform/store/pool.ts";
import type { Schema } from "../../services/platform/store/schema.ts";
import { referenceTraces } from "../helpers/otlp-payloads.ts";
import { silentLogger } from "../helpers/silent-logger.ts";
import { options } from "../helpers/summarise-options.ts";
import type { Suite, SuiteReport } from "./harness.ts";

const SPANS_PER_BATCH = 8_000;
const BATCHES = 32;
const WORKERS = 2;
const PRETRAINED = fileURLToPath(new URL("../../models/pretrained/", import.meta.url));

export const mergeSuite: Suite = {
  name: "merge",
  async run(report) {
    const store = await openStore();
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

interface Store {
  deps: MergeDeps;
  /** time that the caller waited for each kind of statement since it was last emptied, ms */
  statements: Map<string, number>;
  close(): Promise<void>;
}

async function openStore(): Promise<Store> {
  const dataFolder = await mkdtemp(join(tmpdir(), "harbinger-bench-merge-"));
  const server = await startEmbeddedPostgres({ dataFolder, clock: systemClock, logger: silentLogger });
  const handle = await openDatabase({
    ...{ url: server.url, maxConnections: 4, applicationName: "bench", logger: silentLogger },
  });
  await migrate(handle.db, systemClock.now());
  const models = await createModelHost({
    ...{ db: handle.db, logger: silentLogger, listen: handle.listen, pretrainedDir: PRETRAINED },
  });
  const statements = new Map<string, number>();
  const log = ({ query, queryDurationMillis }: LogEvent): void => {
    const name = statementName(query.sql);
    statements.set(name, (statements.get(name) ?? 0) + queryDurationMillis);
  };
  const pool = createPool(connectionSettings(server.url, "bench merge"), 8, silentLogger);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log });
  const classifier = createErrorClassifier({ db, models, logger: silentLogger, clock: systemClock });
  return {
    deps: {
      ...{
        db,
        clock: systemClock,
        logger: silentLogger,
        windowSizeMs: 60_000,
        maxServices: 10_000,
        maxErrorGroups: 10_000,
        classifier,
      },
      reader: createErrorReader(),
      onFallback: () => {
        throw new Error("the classifier failed: the figures would be those of something else");
      },
    },
    statements,
    close: async () => {
      await models.close();
      await db.destroy();
      await handle.close();
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

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

async function run(store: Store, name: string, jobs: readonly TelemetryJob[], report: SuiteReport | null) {
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

async function reportIdentify(store: Store, name: string, jobs: readonly TelemetryJob[], report: SuiteReport) {
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

/** `insert into windows`, `update windows`, `select … from windows`: enough to tell the statements of a merge apart. */
function statementName(sql: string): string {
  const flat = sql.replace(/\s+/g, " ").trim();
  const [verb = ""] = flat.split(" ");
  const table = /\b(?:into|update|from|advisory\w*) "?(\w+)/.exec(flat)?.[1] ?? flat.slice(0, 40);
  return `${verb} ${table}`;
}
