/** From one encoding of OTLP into the other by protobufjs and a schema, for requests of others: ids are hex, or base64 as plain
 *  ProtoJSON encoders write them, and enums may be names. */
import type { Signal } from "../../models/telemetry/records.ts";
import { encodeRequest, LogsRequest, MetricsRequest, TracesRequest } from "./otlp-proto.ts";

const REQUEST_TYPES = { traces: TracesRequest, logs: LogsRequest, metrics: MetricsRequest };

const ID_BYTES: Readonly<Record<string, number>> = { traceId: 16, spanId: 8, parentSpanId: 8 };

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  kind: ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map((name) => `SPAN_KIND_${name}`),
  code: ["UNSET", "OK", "ERROR"].map((name) => `STATUS_CODE_${name}`),
  aggregationTemporality: ["UNSPECIFIED", "DELTA", "CUMULATIVE"].map((name) => `AGGREGATION_TEMPORALITY_${name}`),
  severityNumber: [
    "SEVERITY_NUMBER_UNSPECIFIED",
    ...["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap((level) =>
      ["", "2", "3", "4"].map((step) => `SEVERITY_NUMBER_${level}${step}`),
    ),
  ],
};

/** @param request OTLP's JSON form as any sender writes it */
export function reencodeAsProtobuf(signal: Signal, request: object): Uint8Array {
  return encodeRequest(signal, canonical(request) as object);
}

/** @returns the JSON form with integer enums; ids are Uint8Arrays, which nobody counts by */
export function decodeToJson(signal: Signal, body: Uint8Array): Record<string, unknown> {
  const type = REQUEST_TYPES[signal];
  return type.toObject(type.decode(body), { longs: String });
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, canonicalField(key, part)]));
}

function canonicalField(key: string, value: unknown): unknown {
  if (typeof value !== "string") return canonical(value);
  const enumValue = ENUMS[key]?.indexOf(value) ?? -1;
  if (enumValue >= 0) return enumValue;
  const idBytes = ID_BYTES[key];
  if (idBytes === undefined || /^[0-9a-fA-F]*$/.test(value)) return value;
  return Buffer.from(value, "base64").toString("hex");
}
