/** The answers of an OTLP server in both encodings: Export{Trace,Logs,Metrics}ServiceResponse and google.rpc.Status. */
import type { Signal, TelemetryBatch } from "./records.ts";
import type { Encoding } from "./summarise.ts";
import { messageField, textField, varintField } from "./wire-writer.ts";

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
export const RPC_CODE = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A warning has 0 rejected records and a message. */
export interface PartialSuccess {
  rejectedCount: number;
  message: string;
}

const REJECTED_FIELD: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  logs: "rejectedLogRecords",
  metrics: "rejectedDataPoints",
};

/** @returns null when everything was accepted as it is: `partial_success` must then be unset */
export function partialSuccessOf(batch: Pick<TelemetryBatch, "rejected" | "losses">): PartialSuccess | null {
  const rejectedCount = Object.values(batch.rejected).reduce((sum, count) => sum + count, 0);
  const reasons = Object.entries(batch.rejected).map(([reason, count]) => `${count} ${reason}`);
  const { errorRecords = 0, foldedRecords = 0 } = batch.losses ?? {};
  if (errorRecords > 0) reasons.push(`${errorRecords} errors counted without their record`);
  if (foldedRecords > 0) reasons.push(`${foldedRecords} records of too many services counted under _OTHER`);
  return reasons.length === 0 ? null : { rejectedCount, message: reasons.join(", ") };
}

export function encodeExportResponse(signal: Signal, encoding: Encoding, partial: PartialSuccess | null): Uint8Array {
  if (encoding === "json") {
    // int64 is text in ProtoJSON
    const rejected = partial === null ? null : { [REJECTED_FIELD[signal]]: String(partial.rejectedCount) };
    return jsonBytes(partial === null ? {} : { partialSuccess: { ...rejected, errorMessage: partial.message } });
  }
  if (partial === null) return new Uint8Array();
  const content = [...varintField(1, partial.rejectedCount), ...textField(2, partial.message)];
  return Uint8Array.from(messageField(1, content));
}

/** google.rpc.Status without details. @param code RPC_CODE */
export function encodeStatus(encoding: Encoding, code: number, message: string): Uint8Array {
  if (encoding === "json") return jsonBytes({ code, message });
  return Uint8Array.from([...varintField(1, code), ...textField(2, message)]);
}

function jsonBytes(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
