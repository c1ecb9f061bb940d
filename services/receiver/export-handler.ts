/** OTLP/HTTP: one handler for every signal, six steps: how is it written → bounded body → decode and summarise → make durable →
 *  encode the answer → write it. */
import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import { performance } from "node:perf_hooks";
import { TelemetryDecodeError } from "../../models/telemetry/decode-error.ts";
import {
  CONTENT_TYPES,
  encodeExportResponse,
  encodeStatus,
  partialSuccessOf,
} from "../../models/telemetry/export-response.ts";
import type { Signal, TelemetryBatch } from "../../models/telemetry/records.ts";
import { type Encoding, summarise } from "../../models/telemetry/summarise.ts";
import type { Clock } from "../platform/clock.ts";
import { HarbingerError } from "../platform/errors.ts";
import type { BearerGuard } from "../platform/http/bearer-guard.ts";
import type { Logger } from "../platform/logger.ts";
import { type Answer, sendAnswer } from "./answer.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { compressionOf, encodingOf } from "./content-headers.ts";
import type { GroupCommit } from "./group-commit.ts";
import { readBody, SUPPORTED_COMPRESSIONS } from "./read-body.ts";
import type { ReceiverMetrics } from "./receiver-metrics.ts";
import { STATUS_TABLE } from "./status-table.ts";

export interface ExportHandlerDependencies {
  clock: Clock;
  logger: Logger;
  /** throws when the credentials are not accepted */
  guard: BearerGuard;
  budget: ByteBudget;
  groupCommit: GroupCommit;
  metrics: ReceiverMetrics;
  windowSizeMs: number;
  maxPastMs: number;
  maxFutureMs: number;
  /** of one body after decompression */
  maxBodyBytes: number;
  bodyTimeoutMs: number;
}

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ["/v1/traces", "traces"],
  ["/v1/logs", "logs"],
  ["/v1/metrics", "metrics"],
]);

export function createExportHandler(dependencies: ExportHandlerDependencies): RequestListener {
  return (request, response) => {
    const startedMs = performance.now();
    const signal = SIGNALS.get((request.url ?? "").split("?", 1)[0] ?? "") ?? null;
    response.once("close", () => {
      const durationMs = performance.now() - startedMs;
      dependencies.metrics.answered({ signal, status: response.statusCode, durationMs });
    });
    // what cannot be answered is a connection that is gone
    request.on("error", () => {});
    response.on("error", () => {});
    void answerExport(request, signal, dependencies).then((answer) => sendAnswer(request, response, answer));
  };
}

/** Never rejects. */
async function answerExport(
  request: IncomingMessage,
  signal: Signal | null,
  dependencies: ExportHandlerDependencies,
): Promise<Answer> {
  const encoding = encodingOf(request.headers["content-type"]);
  try {
    checkRoute(request, signal);
    dependencies.guard(request.headers.authorization);
    if (encoding === null) {
      throw new HarbingerError(
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Type must be application/x-protobuf or application/json",
      );
    }
    const batch = await receive(request, signal, encoding, dependencies);
    return {
      status: 200,
      contentType: CONTENT_TYPES[encoding],
      body: encodeExportResponse(signal, encoding, partialSuccessOf(batch)),
    };
  } catch (error) {
    // without a known type the answer is JSON: whoever set the wrong one is a person looking at it
    return errorAnswer(error, encoding ?? "json", dependencies.logger);
  }
}

function checkRoute(request: IncomingMessage, signal: Signal | null): asserts signal is Signal {
  if (signal === null) throw new HarbingerError("NOT_FOUND", "POST to /v1/traces, /v1/logs or /v1/metrics");
  if (request.method !== "POST") throw new HarbingerError("METHOD_NOT_ALLOWED", "only POST is allowed here");
}

/** @returns the batch once it is durable @throws HarbingerError */
async function receive(
  request: IncomingMessage,
  signal: Signal,
  encoding: Encoding,
  dependencies: ExportHandlerDependencies,
): Promise<TelemetryBatch> {
  const { budget, groupCommit, metrics } = dependencies;
  const compression = compressionOf(request.headers["content-encoding"], SUPPORTED_COMPRESSIONS);
  const body = await readBody(request, compression, {
    maxBytes: dependencies.maxBodyBytes,
    timeoutMs: dependencies.bodyTimeoutMs,
    budget,
  });
  try {
    const batch = decode(signal, body, encoding, dependencies);
    // nothing in it, nothing to keep
    if (batch.recordCount > 0) await groupCommit.commit(batch, body.length);
    metrics.accepted(batch, body.length, encoding);
    return batch;
  } finally {
    budget.give(body.length);
  }
}

/** @throws UNDECODABLE, TOO_LARGE */
function decode(
  signal: Signal,
  body: Uint8Array,
  encoding: Encoding,
  { clock, windowSizeMs, maxPastMs, maxFutureMs }: ExportHandlerDependencies,
): TelemetryBatch {
  try {
    return summarise(signal, body, encoding, {
      batchId: createHash("sha256").update(`${signal}\n`).update(body).digest("hex"),
      receivedAtMs: clock.now(),
      windowSizeMs,
      maxPastMs,
      maxFutureMs,
    });
  } catch (error) {
    if (!(error instanceof TelemetryDecodeError)) throw error;
    throw new HarbingerError(error.failure === "too_large" ? "TOO_LARGE" : "UNDECODABLE", error.message, {
      cause: error,
    });
  }
}

function errorAnswer(error: unknown, encoding: Encoding, logger: Logger): Answer {
  const known = error instanceof HarbingerError ? error : new HarbingerError("BUG", "internal error", { cause: error });
  if (known.kind === "bug") logger.error({ err: error }, "a request could not be handled");
  const { httpStatus, rpcCode, retryAfterSeconds } = STATUS_TABLE[known.kind];
  return {
    status: httpStatus,
    contentType: CONTENT_TYPES[encoding],
    body: encodeStatus(encoding, rpcCode, known.message),
    headers: {
      ...(retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) }),
      ...(known.kind === "method_not_allowed" ? { Allow: "POST" } : {}),
      ...(known.kind === "unauthenticated" ? { "WWW-Authenticate": "Bearer" } : {}),
      ...(known.kind === "unsupported_media_type" ? { "Accept-Encoding": SUPPORTED_COMPRESSIONS.join(", ") } : {}),
    },
  };
}
