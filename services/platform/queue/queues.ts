/** The two queues of the program. */
import type { Meter } from "@opentelemetry/api";
import type { Clock, NewId } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { openPostgresBackend, openRedisBackend, type QueueBackend } from "./backend.ts";
import { createBullQueue, type QueuePolicy } from "./bull-queue.ts";
import { createBullTelemetry } from "./bull-telemetry.ts";
import type { JobQueue } from "./job-queue.ts";
import type { SealedTelemetryJob } from "./telemetry-job.ts";
import type { TrainingJobRequest } from "./training-job.ts";

export interface Queues {
  telemetry: JobQueue<SealedTelemetryJob>;
  training: JobQueue<TrainingJobRequest>;
  /** workers first, then the connections; idempotent */
  close(): Promise<void>;
}

export interface QueuesOptions {
  databaseUrl: string;
  /** given: the queues live in this Redis; absent: in the database */
  redisUrl?: string;
  /** keys on Redis start with it */
  redisPrefix?: string;
  maxConnections: number;
  newId: NewId;
  clock: Clock;
  logger: Logger;
  meter: Meter;
  /** spans for jobs, to the global tracer provider; false when absent */
  traced?: boolean;
}

/** Acknowledged telemetry is never dropped: done jobs go, failed ones stay until someone looks. A deploy or a kill may take a worker
 *  away from under a job many times without the job being at fault. */
const TELEMETRY_POLICY: QueuePolicy = {
  name: "telemetry",
  attempts: 1_000,
  removeOnComplete: true,
  removeOnFail: false,
  lockMs: 15_000,
  maxTakeovers: 50,
};

const TRAINING_POLICY: QueuePolicy = {
  name: "training",
  attempts: 5,
  removeOnComplete: { count: 100 },
  removeOnFail: { count: 100 },
  lockMs: 30_000,
  maxTakeovers: 3,
};

/** @throws UNAVAILABLE, INVALID_CONFIG */
export async function openQueues(options: QueuesOptions): Promise<Queues> {
  const { logger, newId, clock, meter } = options;
  const backend: QueueBackend =
    options.redisUrl === undefined
      ? await openPostgresBackend(options.databaseUrl, options.maxConnections, logger)
      : await openRedisBackend(options.redisUrl, options.redisPrefix ?? "harbinger", logger);
  const outcomes = meter.createCounter("harbinger.queue.jobs", {
    description: "Jobs by queue and outcome",
    unit: "{job}",
  });
  const telemetryOfBull = createBullTelemetry({ meter, traced: options.traced ?? false });
  const dependencies = { backend, newId, clock, logger, outcomes, telemetry: telemetryOfBull };
  const telemetry = createBullQueue<SealedTelemetryJob>(TELEMETRY_POLICY, dependencies);
  const training = createBullQueue<TrainingJobRequest>(TRAINING_POLICY, dependencies);
  let closing: Promise<void> | undefined;
  return {
    telemetry,
    training,
    close: () => {
      closing ??= Promise.all([telemetry.close(), training.close()]).then(() => backend.close());
      return closing;
    },
  };
}
