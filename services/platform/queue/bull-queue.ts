/** JobQueue on BullMQ; the backend decides where the jobs are kept. */

import type { Counter } from "@opentelemetry/api";
import {
  type IQueueBackend,
  type JobProgress,
  Queue,
  type RepeatOptions,
  type Telemetry,
  UnrecoverableError,
  Worker,
} from "bullmq";
import type { Clock, NewId } from "../clock.ts";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { asHarbingerError, isOutage } from "../store/outage.ts";
import type { QueueBackend } from "./backend.ts";
import { addedAtMs, newJobId } from "./job-id.ts";
import type { FailedJob, JobHandler, JobQueue, Schedule, ScheduleView, WorkOptions } from "./job-queue.ts";
import { createJobsInHand } from "./jobs-in-hand.ts";
import { createTroubleLog } from "./queue-trouble.ts";
import { backoffMs, judgeFailure } from "./retry.ts";

export interface QueuePolicy {
  name: string;
  /** attempts on retryable errors before a job is given up */
  attempts: number;
  removeOnComplete: boolean | { count: number };
  /** false keeps every failed job */
  removeOnFail: false | { count: number };
  /** how long a worker may be silent before its jobs are somebody else's */
  lockMs: number;
  /** how often a job may be taken over before it is held to be what kills its workers */
  maxTakeovers: number;
}

export interface BullQueueDependencies {
  backend: QueueBackend;
  newId: NewId;
  clock: Clock;
  logger: Logger;
  /** counts outcomes by `queue` and `outcome` */
  outcomes: Counter;
  /** BullMQ's own metrics and traces; absent: none */
  telemetry?: Telemetry;
}

/** The payload travels as one JSON text. PostgreSQL's jsonb refuses U+0000 and lone surrogates, which error messages do contain; as
 *  an escaped text they pass, on either backend, and the server has nothing to parse. */
interface Envelope {
  json: string;
}

export interface ClosableJobQueue<T> extends JobQueue<T> {
  close(): Promise<void>;
}

const ADD_TIMEOUT_MS = 15_000;

export function createBullQueue<T>(policy: QueuePolicy, dependencies: BullQueueDependencies): ClosableJobQueue<T> {
  const { backend, logger, outcomes, newId, clock, telemetry } = dependencies;
  const shared = {
    ...(telemetry !== undefined && { telemetry }),
    ...(backend.prefix !== "" && { prefix: backend.prefix }),
  };
  const queue = new Queue<Envelope, unknown, string, Envelope, unknown, string, IQueueBackend, object>(
    policy.name,
    {
      ...shared,
      connection: backend.producerConnection,
      streams: { events: { maxLen: 1_000 } },
      defaultJobOptions: {
        attempts: policy.attempts,
        backoff: { type: "custom" },
        removeOnComplete: policy.removeOnComplete,
        removeOnFail: policy.removeOnFail,
      },
    },
    backend.factory,
  );
  const workers = new Set<{ close(): Promise<void> }>();
  let closing: Promise<void> | undefined;
  const tellTrouble = createTroubleLog(policy.name, logger, clock);
  const logTrouble = (error: Error) => {
    if (closing === undefined) tellTrouble(error);
  };
  queue.on("error", logTrouble);

  const ask = async <R>(question: () => Promise<R>): Promise<R> => {
    if (closing !== undefined) throw new HarbingerError("UNAVAILABLE", `the ${policy.name} queue is closed`);
    try {
      return await withDeadline(question(), ADD_TIMEOUT_MS, policy.name);
    } catch (error) {
      throw asHarbingerError(error);
    }
  };

  const work = (handler: JobHandler<T>, { concurrency, bySize }: WorkOptions) => {
    const inHand = bySize === undefined ? null : createJobsInHand({ leastJobs: concurrency, ...bySize });
    const worker = new Worker<Envelope, unknown, string, IQueueBackend, JobProgress, object>(
      policy.name,
      async (job) => {
        // BullMQ reads it before it takes another job.
        if (inHand !== null) worker.concurrency = inHand.see(job.data?.json?.length ?? 0);
        try {
          const result = await handler({
            id: job.id ?? "",
            name: job.name,
            payload: open<T>(job.data),
            attempt: job.attemptsMade + 1,
            reportProgress: (progress) => job.updateProgress(progress),
          });
          return result ?? null;
        } catch (thrown) {
          const verdict = judgeFailure(thrown);
          if (verdict.retry) throw thrown;
          throw new UnrecoverableError(`${verdict.error.code}: ${verdict.error.message}`);
        }
      },
      {
        ...shared,
        connection: backend.workerConnection,
        concurrency,
        lockDuration: policy.lockMs,
        stalledInterval: Math.max(1_000, Math.round(policy.lockMs / 3)),
        maxStalledCount: policy.maxTakeovers,
        // After an outage of the queue's store, look again soon.
        runRetryDelay: 1_000,
        settings: { backoffStrategy: backoffMs },
      },
      backend.factory,
    );
    const count = (outcome: string) => outcomes.add(1, { queue: policy.name, outcome });
    worker.on("completed", () => count("completed"));
    worker.on("stalled", () => count("taken_over"));
    worker.on("error", logTrouble);
    worker.on("failed", (job, error) => {
      const isGivenUp = job === undefined || job.finishedOn !== undefined;
      count(isGivenUp ? "failed" : "retried");
      const facts = { queue: policy.name, jobId: job?.id, attempt: job?.attemptsMade, err: error };
      if (isGivenUp) logger.error(facts, "a job has failed and is kept");
      else logger.warn(facts, "a job will be tried again");
    });
    workers.add(worker);
    return {
      close: async () => {
        await worker.close();
        workers.delete(worker);
      },
    };
  };

  return {
    add: async (name, payload, options = {}) => {
      // An id of our own spares the server a counter that every sender would queue up for.
      const job = await ask(async () => {
        await backend.assertRoom();
        return queue.add(name, seal(payload), { jobId: options.jobId ?? newJobId(clock, newId) });
      });
      return { id: job.id ?? "" };
    },
    work,
    depth: async () => {
      // Counts, and records them as BullMQ's own gauge.
      const counts = await ask(() =>
        queue.recordJobCountsMetric("waiting", "prioritized", "active", "delayed", "failed"),
      );
      const total = (...states: string[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      return {
        waiting: total("waiting", "prioritized"),
        active: total("active"),
        delayed: total("delayed"),
        failed: total("failed"),
      };
    },
    oldestWaitingAgeMs: async () => {
      const [oldest] = await ask(() => queue.getRanges(["waiting"], 0, 0, true));
      if (oldest === undefined) return 0;
      const addedMs = addedAtMs(oldest);
      return addedMs === null ? null : Math.max(0, clock.now() - addedMs);
    },
    failedJobs: async ({ limit, skip = 0 }) => {
      const jobs = await ask(() => queue.getFailed(skip, skip + limit - 1));
      return jobs.map(
        (job): FailedJob => ({
          id: job.id ?? "",
          addedAtMs: job.timestamp,
          failedAtMs: job.finishedOn ?? null,
          attempts: job.attemptsMade,
          reason: job.failedReason ?? "",
          payloadBytes: Buffer.byteLength(job.data?.json ?? ""),
        }),
      );
    },
    retryFailed: async (ids) => {
      if (ids === undefined) {
        const { failed = 0 } = await ask(() => queue.getJobCounts("failed"));
        await ask(() => queue.retryJobs({ state: "failed" }));
        return failed;
      }
      let count = 0;
      for (const id of new Set(ids)) {
        const job = await ask(() => queue.getJob(id));
        if (job === undefined || job === null || !(await ask(() => job.isFailed()))) continue;
        await ask(() => job.retry("failed"));
        count += 1;
      }
      return count;
    },
    upsertSchedule: async (name, schedule, payload) => {
      const repeat = repeatOptions(schedule, clock.now());
      try {
        await ask(() => queue.upsertJobScheduler(name, repeat, { name, data: seal(payload) }));
      } catch (error) {
        if (isOutage(error) || (error instanceof HarbingerError && error.retryable)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new HarbingerError("INVALID_INPUT", `the schedule cannot be understood: ${reason}`, { cause: error });
      }
    },
    removeSchedule: (name) => ask(() => queue.removeJobScheduler(name)),
    schedules: async () => {
      const found = await ask(() => queue.getJobSchedulers(0, -1, true));
      return found.map(
        (scheduler): ScheduleView<T> => ({
          name: scheduler.key,
          ...(scheduler.pattern != null && { pattern: scheduler.pattern }),
          ...(scheduler.every != null && { everyMs: Number(scheduler.every) }),
          ...(scheduler.tz != null && { timezone: scheduler.tz }),
          nextRunAtMs: scheduler.next ?? null,
          payload: open<T>(scheduler.template?.data),
        }),
      );
    },
    close: () => {
      closing ??= (async () => {
        await Promise.all([...workers].map((worker) => worker.close()));
        await queue.close();
      })();
      return closing;
    },
  };
}

const seal = (payload: unknown): Envelope => ({ json: JSON.stringify(payload) });

function open<T>(envelope: Envelope | undefined): T {
  if (typeof envelope?.json !== "string") throw new HarbingerError("UNDECODABLE", "the job has no payload of ours");
  // The queue is ours alone: what comes out is what `seal` put in.
  return JSON.parse(envelope.json) as T;
}

/** BullMQ would run an interval at once; a schedule that was just written should first run one interval from now. */
function repeatOptions(schedule: Schedule, nowMs: number): RepeatOptions {
  const { pattern, everyMs, timezone = "UTC" } = schedule;
  if (!isTimezone(timezone)) throw new HarbingerError("INVALID_INPUT", `${timezone} is not an IANA time zone`);
  if (pattern !== undefined && everyMs === undefined) return { pattern, tz: timezone };
  if (pattern === undefined && everyMs !== undefined && Number.isInteger(everyMs) && everyMs >= 1_000)
    return { every: everyMs, startDate: nowMs + everyMs };
  throw new HarbingerError(
    "INVALID_INPUT",
    "a schedule has either a cron pattern or an interval of at least one second",
  );
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A connection that hangs must not hold a sender's request for ever. */
async function withDeadline<R>(promise: Promise<R>, ms: number, queue: string): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HarbingerError("UNAVAILABLE", `the ${queue} queue does not answer`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
