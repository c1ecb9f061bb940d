/** OTLP/HTTP: one handler for every signal, six steps: how is it written → bounded body → decode and summarise → make durable →
 *  encode the answer → write it. */
import type { IncomingMessage, RequestListener } from "node:http";
import { performance } from "node:perf_hooks";
import {
  CONTENT_TYPES,
  encodeExportResponse,
  encodeStatus,
  type PartialSuccess,
} from "../../../models/telemetry/export-response.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import type { Encoding } from "../../../models/telemetry/summarise.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Logger } from "../../platform/logger.ts";
import { acceptHeld, asKnownError, type EdgeDependencies, messageFor } from "../edge.ts";
import { compressionOf } from "../intake/compression.ts";
import { SUPPORTED_COMPRESSIONS } from "../intake/inflate.ts";
import { readBody } from "../intake/read-body.ts";
import { tooLarge } from "../intake/too-large.ts";
import { STATUS_TABLE } from "../status-table.ts";
import { type Answer, sendAnswer } from "./answer.ts";
import { encodingOf } from "./content-type.ts";

const SIGNALS: ReadonlyMap<string, Signal> = new Map([
  ["/v1/traces", "traces"],
  ["/v1/logs", "logs"],
  ["/v1/metrics", "metrics"],
]);

export function createExportHandler(dependencies: EdgeDependencies): RequestListener {
  return (request, response) => {
    const startedMs = performance.now();
    const signal = SIGNALS.get((request.url ?? "").split("?", 1)[0] ?? "") ?? null;
    let errorType: string | null = "cancelled";
    response.once("close", () => {
      const durationMs = performance.now() - startedMs;
      dependencies.metrics.answered({ signal, transport: "http", status: response.statusCode, errorType, durationMs });
    });
    // what cannot be answered is a connection that is gone
    request.on("error", () => {});
    response.on("error", () => {});
    void answerExport(request, signal, dependencies).then((answer) => {
      errorType = answer.errorType ?? null;
      sendAnswer(request, response, answer);
    });
  };
}

/** Never rejects. */
async function answerExport(
  request: IncomingMessage,
  signal: Signal | null,
  dependencies: EdgeDependencies,
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
    const partial = await receive(request, signal, encoding, dependencies);
    return {
      status: 200,
      contentType: CONTENT_TYPES[encoding],
      body: encodeExportResponse(signal, encoding, partial),
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

/** @throws HarbingerError */
async function receive(
  request: IncomingMessage,
  signal: Signal,
  encoding: Encoding,
  dependencies: EdgeDependencies,
): Promise<PartialSuccess | null> {
  const { intake, budget, maxBodyBytes, bodyTimeoutMs } = dependencies;
  const compression = compressionOf("Content-Encoding", request.headers["content-encoding"]);
  intake.admit();
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  const body = await readBody(request, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs, budget });
  return acceptHeld({ signal, encoding, compression, body: body.copyFrom(0) }, body.size, dependencies);
}

function errorAnswer(error: unknown, encoding: Encoding, logger: Logger): Answer {
  const known = asKnownError(error, logger);
  const { httpStatus, rpcCode, retryAfterSeconds } = STATUS_TABLE[known.kind];
  return {
    status: httpStatus,
    errorType: known.kind,
    contentType: CONTENT_TYPES[encoding],
    body: encodeStatus(encoding, rpcCode, messageFor(known)),
    headers: {
      ...(retryAfterSeconds === undefined ? {} : { "Retry-After": String(retryAfterSeconds) }),
      ...(known.kind === "method_not_allowed" ? { Allow: "POST" } : {}),
      ...(known.kind === "unauthenticated" ? { "WWW-Authenticate": "Bearer" } : {}),
      ...(known.kind === "unsupported_media_type" ? { "Accept-Encoding": SUPPORTED_COMPRESSIONS.join(", ") } : {}),
    },
  };
}
