/** A request decoded by protobufjs, every field of every record: the types that otlp-proto.ts decodes to, and their plain values. */
import { type AnyValue, type AnyValueMap, int64Value } from "../../models/telemetry/any-value.ts";
import { correlationId } from "../../models/telemetry/record-source.ts";
import type { Signal } from "../../models/telemetry/records.ts";
import { decodeFully } from "./otlp-proto.ts";

/** protobufjs gives a Long or, where it fits, a number. */
interface Int64 {
  toString(): string;
}

interface FullValue {
  stringValue: string;
  boolValue: boolean;
  intValue: Int64;
  doubleValue: number;
  arrayValue: { values: FullValue[] };
  kvlistValue: { values: FullPair[] };
  bytesValue: Uint8Array;
}

export interface FullPair {
  key: string;
  value?: FullValue | null;
}

interface FullIds {
  traceId: Uint8Array;
  spanId: Uint8Array;
}

export interface FullSpan extends FullIds {
  name: string;
  kind: number;
  startTimeUnixNano: Int64;
  endTimeUnixNano: Int64;
  attributes: FullPair[];
  events: { name: string; attributes: FullPair[] }[];
  status?: { code: number; message: string } | null;
}

export interface FullLog extends FullIds {
  timeUnixNano: Int64;
  observedTimeUnixNano: Int64;
  severityNumber: number;
  severityText: string;
  body?: FullValue | null;
  attributes: FullPair[];
  eventName: string;
}

export interface FullPoint {
  timeUnixNano: Int64;
  attributes: FullPair[];
  flags: number;
  asInt?: Int64;
  asDouble?: number;
  count?: Int64;
  sum?: number;
}

export interface FullMetricData {
  dataPoints: FullPoint[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}

export interface FullMetric {
  name: string;
  gauge?: FullMetricData | null;
  sum?: FullMetricData | null;
  histogram?: FullMetricData | null;
  exponentialHistogram?: FullMetricData | null;
  summary?: FullMetricData | null;
}

interface Records {
  traces: FullSpan;
  logs: FullLog;
  metrics: FullMetric;
}

const FIELDS = {
  traces: ["resourceSpans", "scopeSpans", "spans"],
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
} as const;

/** The records of each resource, with its attributes. */
export function fullGroups<S extends Signal>(
  signal: S,
  bytes: Uint8Array,
): { attributes: AnyValueMap; records: Records[S][] }[] {
  const [groups, scopes, records] = FIELDS[signal];
  type Scope = Record<string, Records[S][]>;
  type Group = { resource?: { attributes: FullPair[] } | null } & Record<string, unknown>;
  // the message types of otlp-proto.ts say so
  const request = decodeFully(signal, bytes) as Record<string, Group[]>;
  return request[groups]!.map((group) => ({
    attributes: attributesOf(group.resource?.attributes ?? []),
    records: (group[scopes] as Scope[]).flatMap((scope) => scope[records]!),
  }));
}

export function nanosOf(fixed64: Int64): bigint {
  return BigInt(fixed64.toString());
}

export function idsOf(record: FullIds): { traceId: string | undefined; spanId: string | undefined } {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return { traceId: correlationId(hex(record.traceId), 32), spanId: correlationId(hex(record.spanId), 16) };
}

/** of a gauge's or a sum's point; NaN when there is none */
export function numberOf(point: FullPoint): number {
  if (Object.hasOwn(point, "asInt")) return Number(point.asInt);
  return Object.hasOwn(point, "asDouble") ? Number(point.asDouble) : Number.NaN;
}

export function attributesOf(pairs: readonly FullPair[]): AnyValueMap {
  return new Map(
    pairs.map(({ key, value }) => [key, value === null || value === undefined ? null : anyValueOf(value)]),
  );
}

export function anyValueOf(any: FullValue): AnyValue {
  const has = (field: keyof FullValue) => Object.hasOwn(any, field);
  if (has("stringValue")) return any.stringValue;
  if (has("boolValue")) return any.boolValue;
  if (has("intValue")) {
    const int = BigInt(any.intValue.toString());
    return int64Value(Number(BigInt.asUintN(32, int)), Number(BigInt.asUintN(32, int >> 32n)));
  }
  if (has("doubleValue")) return any.doubleValue;
  if (has("arrayValue")) return any.arrayValue.values.map(anyValueOf);
  if (has("kvlistValue")) return attributesOf(any.kvlistValue.values);
  return has("bytesValue") ? Buffer.from(any.bytesValue).toString("base64") : null;
}
