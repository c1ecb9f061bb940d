/** A receiver on a free port whose queue is a list. */

import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { metrics } from "@opentelemetry/api";
import type { TelemetryBatch, TelemetryJob } from "../../models/telemetry/records.ts";
import { DEFAULT_NAME_BOUNDS } from "../../models/windows/bounded-map.ts";
import type { Config, TlsFiles } from "../../services/platform/config/config.ts";
import { Secret } from "../../services/platform/config/secret.ts";
import type { QueueDepth } from "../../services/platform/queue/job-queue.ts";
import { openTelemetryJob } from "../../services/platform/queue/telemetry-job.ts";
import { type ReceiverTimeouts, startReceiver } from "../../services/receiver/compose.ts";
import { silentLogger } from "./silent-logger.ts";
import { NOW_MS } from "./summarise-options.ts";

const DAY_MS = 24 * 3_600_000;
const MIB = 1024 * 1024;

export interface TestReceiverOptions {
  nowMs?: number;
  /** free ones unless given */
  httpPort?: number;
  grpcPort?: number | "off";
  maxBodyBytes?: number;
  maxInFlightBytes?: number;
  maxPastMs?: number;
  tokens?: string[];
  timeouts?: Partial<ReceiverTimeouts>;
  /** 0 (the default) decodes on the event loop, which starts at once */
  decodeThreads?: number;
  maxQueuedJobs?: number;
  maxConnections?: number;
  tls?: TlsFiles;
  /** replaces the list */
  add?(job: TelemetryJob): Promise<{ id: string }>;
  depth?(): Promise<QueueDepth>;
}

export interface TestReceiver {
  url: string;
  port: number;
  grpcPort: number;
  jobs: TelemetryJob[];
  batches(): TelemetryBatch[];
  stop(): Promise<void>;
}

export async function startTestReceiver(options: TestReceiverOptions = {}): Promise<TestReceiver> {
  const jobs: TelemetryJob[] = [];
  const add =
    options.add ??
    (async (job: TelemetryJob) => {
      jobs.push(job);
      return { id: String(jobs.length) };
    });
  const running = await startReceiver(
    {
      clock: { now: () => options.nowMs ?? NOW_MS },
      logger: silentLogger,
      meter: metrics.getMeter("test"),
      config: {
        host: "127.0.0.1",
        receiver: testReceiverConfig(options),
        windows: { sizeMs: 60_000, allowedLatenessMs: 10_000, idleTimeoutMs: 120_000, closeIntervalMs: 1_000 },
        limits: {
          maxServices: 1_000,
          maxErrorGroups: 100_000,
          names: DEFAULT_NAME_BOUNDS,
          serviceRetireAfterMs: DAY_MS,
          retentionMs: DAY_MS,
        },
      },
      queues: {
        telemetry: {
          add: (_name, job) => add(openTelemetryJob(job)),
          depth: options.depth ?? (async () => ({ waiting: 0, active: 0, delayed: 0, failed: 0 })),
        },
      },
    },
    { bodyMs: 5_000, queueMs: 5_000, ...options.timeouts },
  );
  return {
    url: running.url,
    port: running.port,
    grpcPort: running.grpcPort ?? 0,
    jobs,
    batches: () => jobs.flatMap(({ batches }) => batches),
    stop: running.stop,
  };
}

/** The receiver's settings on free ports. */
export function testReceiverConfig(options: TestReceiverOptions = {}): Config["receiver"] {
  return {
    httpPort: options.httpPort ?? 0,
    ...(options.grpcPort !== "off" && { grpcPort: options.grpcPort ?? 0 }),
    ...(options.tls !== undefined && { tls: options.tls }),
    maxConnections: options.maxConnections ?? 1_000,
    maxBodyBytes: options.maxBodyBytes ?? 64 * MIB,
    ingestTokens: (options.tokens ?? []).map((token) => new Secret(token)),
    maxPastMs: options.maxPastMs ?? 90 * DAY_MS,
    maxFutureMs: 600_000,
    maxInFlightBytes: options.maxInFlightBytes ?? 256 * MIB,
    maxQueuedJobs: options.maxQueuedJobs ?? 10_000,
    decodeThreads: options.decodeThreads ?? 0,
  };
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** One request by node:http, which lets headers and bodies be as wrong as a test wants. */
export function send(
  url: string,
  request: {
    method?: string;
    headers?: Record<string, string>;
    body?: Uint8Array | string | Iterable<Uint8Array>;
  } = {},
): Promise<RawAnswer> {
  const { method = "POST", headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
      );
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
    else {
      for (const chunk of body) outgoing.write(chunk);
      outgoing.end();
    }
  });
}
