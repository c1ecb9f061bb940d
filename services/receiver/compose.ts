/** The receiver: OTLP/HTTP in, durable telemetry jobs out. */
import { availableParallelism } from "node:os";
import { createBearerGuard } from "../platform/http/bearer-guard.ts";
import { startHttpServer } from "../platform/http/http-server.ts";
import type { SealedTelemetryJob } from "../platform/queue/telemetry-job.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import { createExportHandler } from "./http/export-handler.ts";
import { createByteBudget } from "./intake/byte-budget.ts";
import { createDecodePool } from "./intake/decode-pool.ts";
import { createGroupCommit } from "./intake/group-commit.ts";
import { createIntake } from "./intake/intake.ts";
import { reportOutages } from "./intake/outage-log.ts";
import { createQueueGate } from "./intake/queue-gate.ts";
import { createReceiverMetrics } from "./receiver-metrics.ts";

/** What the receiver needs of the platform. */
export type ReceiverPlatform = Pick<Platform, "clock" | "logger" | "meter"> & {
  config: Pick<Platform["config"], "host" | "receiver" | "windows" | "limits">;
  queues: { telemetry: Pick<Platform["queues"]["telemetry"], "add" | "depth"> };
};

const SECOND = 1_000;
const BODY_TIMEOUT_MS = 30 * SECOND;
/** below what OTLP exporters wait for an answer, 10 s by default */
const QUEUE_TIMEOUT_MS = 8 * SECOND;
const GROUP_WAIT_MS = 3;
const GROUP_MAX_BATCHES = 64;
const GROUP_MAX_BYTES = 1024 * 1024;
const QUEUE_LOOK_MS = SECOND;
/** more than these wait for the queue's store, not for a CPU */
const MAX_DECODE_THREADS = 4;

export interface ReceiverTimeouts {
  /** for a whole body to arrive */
  bodyMs: number;
  /** for the queue to confirm a write */
  queueMs: number;
}

/** @throws CONFLICT when the port is taken */
export async function startReceiver(
  platform: ReceiverPlatform,
  timeouts: ReceiverTimeouts = { bodyMs: BODY_TIMEOUT_MS, queueMs: QUEUE_TIMEOUT_MS },
): Promise<RunningRole & { url: string; port: number }> {
  const { config, clock, logger, queues } = platform;
  const { receiver } = config;
  const budget = createByteBudget(receiver.maxInFlightBytes);
  const metrics = createReceiverMetrics(platform.meter, budget);
  const pool = await createDecodePool(
    receiver.decodeThreads ?? defaultDecodeThreads(),
    {
      maxBodyBytes: receiver.maxBodyBytes,
      windowSizeMs: config.windows.sizeMs,
      maxPastMs: receiver.maxPastMs,
      maxFutureMs: receiver.maxFutureMs,
      limits: { maxServices: config.limits.maxServices },
    },
    (reason) => logger.error({ err: reason }, "a decode thread ended; another takes its place"),
  );
  const groupCommit = createGroupCommit({
    add: reportOutages((job: SealedTelemetryJob) => queues.telemetry.add("telemetry", job), logger),
    maxWaitMs: GROUP_WAIT_MS,
    maxBatches: GROUP_MAX_BATCHES,
    maxBytes: GROUP_MAX_BYTES,
    timeoutMs: timeouts.queueMs,
  });
  const gate = createQueueGate({
    depth: () => queues.telemetry.depth(),
    maxJobs: receiver.maxQueuedJobs,
    intervalMs: QUEUE_LOOK_MS,
  });
  const intake = createIntake({ clock, gate, pool, groupCommit, metrics });
  const handler = createExportHandler({
    logger,
    guard: createBearerGuard(receiver.ingestTokens),
    intake,
    budget,
    metrics,
    maxBodyBytes: receiver.maxBodyBytes,
    bodyTimeoutMs: timeouts.bodyMs,
  });
  const server = await startHttpServer(handler, {
    host: config.host,
    port: receiver.httpPort,
    portSetting: "HARBINGER_OTLP_HTTP_PORT",
  });
  logger.info({ url: server.url }, "receiving OTLP over HTTP");
  return {
    name: "receiver",
    url: server.url,
    port: server.port,
    ready: () => ({ ready: true, detail: `OTLP/HTTP on port ${server.port}` }),
    stop: async () => {
      gate.stop();
      await server.stop();
      await groupCommit.close();
      await pool.close();
    },
  };
}

/** One CPU is left to the event loop and the database. */
function defaultDecodeThreads(): number {
  return Math.min(MAX_DECODE_THREADS, Math.max(1, availableParallelism() - 1));
}
