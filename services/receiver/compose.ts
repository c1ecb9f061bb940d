/** The receiver: OTLP in, durable telemetry jobs out. */
import { availableParallelism } from "node:os";
import { createBearerGuard } from "../platform/http/bearer-guard.ts";
import type { SealedTelemetryJob } from "../platform/queue/telemetry-job.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import type { EdgeDependencies } from "./edge.ts";
import { type Edges, startEdges } from "./edges.ts";
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

interface RunningReceiver extends RunningRole {
  url: string;
  port: number;
  /** absent when it is switched off */
  grpcPort?: number;
}

/** @throws CONFLICT when a port is taken, INVALID_CONFIG when TLS cannot be set up */
export async function startReceiver(
  platform: ReceiverPlatform,
  timeouts: ReceiverTimeouts = { bodyMs: BODY_TIMEOUT_MS, queueMs: QUEUE_TIMEOUT_MS },
): Promise<RunningReceiver> {
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
      limits: { maxServices: config.limits.maxServices, names: config.limits.names },
    },
    { onThreadLost: (reason) => logger.error({ err: reason }, "a decode thread ended; another takes its place") },
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
  const edge: EdgeDependencies = {
    logger,
    guard: createBearerGuard(receiver.ingestTokens, "FORBIDDEN"),
    intake,
    budget,
    metrics,
    maxBodyBytes: receiver.maxBodyBytes,
    bodyTimeoutMs: timeouts.bodyMs,
  };
  const closeIntake = async () => {
    gate.stop();
    await groupCommit.close();
    await pool.close();
  };
  let edges: Edges;
  try {
    edges = await startEdges(edge, config, logger);
  } catch (error) {
    await closeIntake();
    throw error;
  }
  const { http, grpc } = edges;
  return {
    name: "receiver",
    url: http.url,
    port: http.port,
    ...(grpc !== null && { grpcPort: grpc.port }),
    ready: () => ({ ready: true, detail: edges.detail }),
    stop: async () => {
      await edges.stop();
      await closeIntake();
    },
  };
}

/** One CPU is left to the event loop and the database. */
function defaultDecodeThreads(): number {
  return Math.min(MAX_DECODE_THREADS, Math.max(1, availableParallelism() - 1));
}
