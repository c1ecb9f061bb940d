/** OTLP/gRPC: one handler for every signal, the same steps as over HTTP: who asks → bounded message → decode and summarise → make
 *  durable → answer. */
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { performance } from "node:perf_hooks";
import { encodeExportResponse, type PartialSuccess } from "../../../models/telemetry/export-response.ts";
import type { Signal } from "../../../models/telemetry/records.ts";
import { acceptHeld, asKnownError, type EdgeDependencies, messageFor } from "../edge.ts";
import { compressionOf } from "../intake/compression.ts";
import { STATUS_TABLE } from "../status-table.ts";
import { answerMessage, answerStatus, FRAME_HEAD_BYTES, GRPC_CANCELLED, GRPC_OK } from "./grpc-answer.ts";
import type { GrpcMethod } from "./grpc-server.ts";
import { readMessage } from "./read-message.ts";

export const EXPORT_SERVICES: Readonly<Record<Signal, string>> = {
  traces: "opentelemetry.proto.collector.trace.v1.TraceService",
  logs: "opentelemetry.proto.collector.logs.v1.LogsService",
  metrics: "opentelemetry.proto.collector.metrics.v1.MetricsService",
};

/** @returns by path */
export function createExportMethods(dependencies: EdgeDependencies): Map<string, GrpcMethod> {
  const signals: Signal[] = ["traces", "logs", "metrics"];
  return new Map(
    signals.map((signal) => [
      `/${EXPORT_SERVICES[signal]}/Export`,
      (stream, headers) => answerExport(stream, headers, signal, dependencies),
    ]),
  );
}

async function answerExport(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  signal: Signal,
  dependencies: EdgeDependencies,
): Promise<void> {
  const startedMs = performance.now();
  let outcome: { status: number; errorType: string | null } = { status: GRPC_CANCELLED, errorType: "cancelled" };
  stream.once("close", () => {
    const durationMs = performance.now() - startedMs;
    dependencies.metrics.answered({ signal, transport: "grpc", ...outcome, durationMs });
  });
  try {
    const partial = await receive(stream, headers, signal, dependencies);
    if (stream.destroyed) return;
    outcome = { status: GRPC_OK, errorType: null };
    answerMessage(stream, encodeExportResponse(signal, "protobuf", partial));
  } catch (error) {
    if (stream.destroyed) return;
    const known = asKnownError(error, dependencies.logger);
    const { grpcCode, retryAfterSeconds } = STATUS_TABLE[known.kind];
    outcome = { status: grpcCode, errorType: known.kind };
    answerStatus(stream, {
      code: grpcCode,
      message: messageFor(known),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  }
}

/** @throws HarbingerError */
async function receive(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  signal: Signal,
  dependencies: EdgeDependencies,
): Promise<PartialSuccess | null> {
  const { guard, intake, budget, maxBodyBytes, bodyTimeoutMs } = dependencies;
  guard(headers.authorization);
  const declared = compressionOf("grpc-encoding", headers["grpc-encoding"]);
  intake.admit();
  const message = await readMessage(stream, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs, budget });
  const compression = message.isCompressed ? declared : "identity";
  const heldBytes = FRAME_HEAD_BYTES + message.bytes.length;
  return acceptHeld({ signal, encoding: "protobuf", compression, body: message.bytes }, heldBytes, dependencies);
}
