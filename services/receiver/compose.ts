/** The receiver: OTLP/HTTP in, durable telemetry jobs out. */
import type { TelemetryJob } from "../../models/telemetry/records.ts";
import { createBearerGuard } from "../platform/http/bearer-guard.ts";
import { startHttpServer } from "../platform/http/http-server.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import { createByteBudget } from "./byte-budget.ts";
import { createExportHandler } from "./export-handler.ts";
import { createGroupCommit } from "./group-commit.ts";
import { reportOutages } from "./outage-log.ts";
import { createReceiverMetrics } from "./receiver-metrics.ts";

/** What the receiver needs of the platform. */
export type ReceiverPlatform = Pick<Platform, "clock" | "logger" | "meter"> & {
  config: Pick<Platform["config"], "host" | "receiver" | "windows">;
  queues: { telemetry: Pick<Platform["queues"]["telemetry"], "add"> };
};

const SECOND = 1_000;
const BODY_TIMEOUT_MS = 30 * SECOND;
/** below what OTLP exporters wait for an answer, 10 s by default */
const QUEUE_TIMEOUT_MS = 8 * SECOND;
const GROUP_WAIT_MS = 3;
const GROUP_MAX_BATCHES = 64;
const GROUP_MAX_BYTES = 8 * 1024 * 1024;

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
  const add = reportOutages((job: TelemetryJob) => queues.telemetry.add("telemetry", job), logger);
  const groupCommit = createGroupCommit({
    add,
    maxWaitMs: GROUP_WAIT_MS,
    maxBatches: GROUP_MAX_BATCHES,
    maxWeightBytes: GROUP_MAX_BYTES,
    timeoutMs: timeouts.queueMs,
  });
  const handler = createExportHandler({
    clock,
    logger,
    guard: createBearerGuard(receiver.ingestTokens),
    budget,
    groupCommit,
    metrics: createReceiverMetrics(platform.meter, budget),
    windowSizeMs: config.windows.sizeMs,
    maxPastMs: receiver.maxPastMs,
    maxFutureMs: receiver.maxFutureMs,
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
      await server.stop();
      await groupCommit.close();
    },
  };
}
