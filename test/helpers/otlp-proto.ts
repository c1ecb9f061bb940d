/** The part of opentelemetry-proto 1.x that tests write and compare with, as protobufjs reflection JSON: a full decode by a
 *  generated-style decoder is what the selective reader is measured and checked against. */
import protobuf from "protobufjs";

type Field = { id: number; type: string; rule?: "repeated" };

const f = (id: number, type: string): Field => ({ id, type });
const many = (id: number, type: string): Field => ({ id, type, rule: "repeated" });

const message = (fields: Record<string, Field>, oneofs?: Record<string, { oneof: string[] }>) => ({
  fields,
  ...(oneofs === undefined ? {} : { oneofs }),
});

const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: message(
      {
        stringValue: f(1, "string"),
        boolValue: f(2, "bool"),
        intValue: f(3, "int64"),
        doubleValue: f(4, "double"),
        arrayValue: f(5, "ArrayValue"),
        kvlistValue: f(6, "KeyValueList"),
        bytesValue: f(7, "bytes"),
      },
      {
        value: {
          oneof: ["stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"],
        },
      },
    ),
    ArrayValue: message({ values: many(1, "AnyValue") }),
    KeyValueList: message({ values: many(1, "KeyValue") }),
    KeyValue: message({ key: f(1, "string"), value: f(2, "AnyValue") }),
    Resource: message({ attributes: many(1, "KeyValue"), droppedAttributesCount: f(2, "uint32") }),
    Scope: message({ name: f(1, "string"), version: f(2, "string"), attributes: many(3, "KeyValue") }),

    TracesRequest: message({ resourceSpans: many(1, "ResourceSpans") }),
    ResourceSpans: message({
      resource: f(1, "Resource"),
      scopeSpans: many(2, "ScopeSpans"),
      schemaUrl: f(3, "string"),
    }),
    ScopeSpans: message({ scope: f(1, "Scope"), spans: many(2, "Span"), schemaUrl: f(3, "string") }),
    Span: message({
      traceId: f(1, "bytes"),
      spanId: f(2, "bytes"),
      traceState: f(3, "string"),
      parentSpanId: f(4, "bytes"),
      name: f(5, "string"),
      kind: f(6, "int32"),
      startTimeUnixNano: f(7, "fixed64"),
      endTimeUnixNano: f(8, "fixed64"),
      attributes: many(9, "KeyValue"),
      droppedAttributesCount: f(10, "uint32"),
      events: many(11, "Event"),
      droppedEventsCount: f(12, "uint32"),
      links: many(13, "Link"),
      droppedLinksCount: f(14, "uint32"),
      status: f(15, "Status"),
      flags: f(16, "fixed32"),
    }),
    Event: message({
      timeUnixNano: f(1, "fixed64"),
      name: f(2, "string"),
      attributes: many(3, "KeyValue"),
      droppedAttributesCount: f(4, "uint32"),
    }),
    Link: message({ traceId: f(1, "bytes"), spanId: f(2, "bytes"), attributes: many(4, "KeyValue") }),
    Status: message({ message: f(2, "string"), code: f(3, "int32") }),

    LogsRequest: message({ resourceLogs: many(1, "ResourceLogs") }),
    ResourceLogs: message({ resource: f(1, "Resource"), scopeLogs: many(2, "ScopeLogs"), schemaUrl: f(3, "string") }),
    ScopeLogs: message({ scope: f(1, "Scope"), logRecords: many(2, "LogRecord"), schemaUrl: f(3, "string") }),
    LogRecord: message({
      timeUnixNano: f(1, "fixed64"),
      severityNumber: f(2, "int32"),
      severityText: f(3, "string"),
      body: f(5, "AnyValue"),
      attributes: many(6, "KeyValue"),
      droppedAttributesCount: f(7, "uint32"),
      flags: f(8, "fixed32"),
      traceId: f(9, "bytes"),
      spanId: f(10, "bytes"),
      observedTimeUnixNano: f(11, "fixed64"),
      eventName: f(12, "string"),
    }),

    MetricsRequest: message({ resourceMetrics: many(1, "ResourceMetrics") }),
    ResourceMetrics: message({
      resource: f(1, "Resource"),
      scopeMetrics: many(2, "ScopeMetrics"),
      schemaUrl: f(3, "string"),
    }),
    ScopeMetrics: message({ scope: f(1, "Scope"), metrics: many(2, "Metric"), schemaUrl: f(3, "string") }),
    Metric: message(
      {
        name: f(1, "string"),
        description: f(2, "string"),
        unit: f(3, "string"),
        gauge: f(5, "Gauge"),
        sum: f(7, "Sum"),
        histogram: f(9, "Histogram"),
        exponentialHistogram: f(10, "ExponentialHistogram"),
        summary: f(11, "Summary"),
      },
      { data: { oneof: ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] } },
    ),
    Gauge: message({ dataPoints: many(1, "NumberDataPoint") }),
    Sum: message({
      dataPoints: many(1, "NumberDataPoint"),
      aggregationTemporality: f(2, "int32"),
      isMonotonic: f(3, "bool"),
    }),
    Histogram: message({ dataPoints: many(1, "HistogramDataPoint"), aggregationTemporality: f(2, "int32") }),
    ExponentialHistogram: message({
      dataPoints: many(1, "ExponentialHistogramDataPoint"),
      aggregationTemporality: f(2, "int32"),
    }),
    Summary: message({ dataPoints: many(1, "SummaryDataPoint") }),
    NumberDataPoint: message(
      {
        startTimeUnixNano: f(2, "fixed64"),
        timeUnixNano: f(3, "fixed64"),
        asDouble: f(4, "double"),
        asInt: f(6, "sfixed64"),
        exemplars: many(5, "Exemplar"),
        attributes: many(7, "KeyValue"),
        flags: f(8, "uint32"),
      },
      { value: { oneof: ["asDouble", "asInt"] } },
    ),
    HistogramDataPoint: message({
      startTimeUnixNano: f(2, "fixed64"),
      timeUnixNano: f(3, "fixed64"),
      count: f(4, "fixed64"),
      sum: f(5, "double"),
      bucketCounts: many(6, "fixed64"),
      explicitBounds: many(7, "double"),
      exemplars: many(8, "Exemplar"),
      attributes: many(9, "KeyValue"),
      flags: f(10, "uint32"),
      min: f(11, "double"),
      max: f(12, "double"),
    }),
    ExponentialHistogramDataPoint: message({
      attributes: many(1, "KeyValue"),
      startTimeUnixNano: f(2, "fixed64"),
      timeUnixNano: f(3, "fixed64"),
      count: f(4, "fixed64"),
      sum: f(5, "double"),
      scale: f(6, "sint32"),
      zeroCount: f(7, "fixed64"),
      positive: f(8, "Buckets"),
      negative: f(9, "Buckets"),
      flags: f(10, "uint32"),
      exemplars: many(11, "Exemplar"),
      min: f(12, "double"),
      max: f(13, "double"),
      zeroThreshold: f(14, "double"),
    }),
    Buckets: message({ offset: f(1, "sint32"), bucketCounts: many(2, "uint64") }),
    QuantileValue: message({ quantile: f(1, "double"), value: f(2, "double") }),
    Exemplar: message({
      timeUnixNano: f(2, "fixed64"),
      asDouble: f(3, "double"),
      asInt: f(6, "sfixed64"),
      filteredAttributes: many(7, "KeyValue"),
    }),
    SummaryDataPoint: message({
      startTimeUnixNano: f(2, "fixed64"),
      timeUnixNano: f(3, "fixed64"),
      count: f(4, "fixed64"),
      sum: f(5, "double"),
      quantileValues: many(6, "QuantileValue"),
      attributes: many(7, "KeyValue"),
      flags: f(8, "uint32"),
    }),

    TracesResponse: message({ partialSuccess: f(1, "TracesPartialSuccess") }),
    TracesPartialSuccess: message({ rejectedSpans: f(1, "int64"), errorMessage: f(2, "string") }),
    LogsResponse: message({ partialSuccess: f(1, "LogsPartialSuccess") }),
    LogsPartialSuccess: message({ rejectedLogRecords: f(1, "int64"), errorMessage: f(2, "string") }),
    MetricsResponse: message({ partialSuccess: f(1, "MetricsPartialSuccess") }),
    MetricsPartialSuccess: message({ rejectedDataPoints: f(1, "int64"), errorMessage: f(2, "string") }),
    RpcStatus: message({ code: f(1, "int32"), message: f(2, "string") }),
  },
});

export const TracesRequest = root.lookupType("TracesRequest");
export const LogsRequest = root.lookupType("LogsRequest");
export const MetricsRequest = root.lookupType("MetricsRequest");
export const ExportResponse = {
  traces: root.lookupType("TracesResponse"),
  logs: root.lookupType("LogsResponse"),
  metrics: root.lookupType("MetricsResponse"),
};
export const RpcStatus = root.lookupType("RpcStatus");

const REQUEST_TYPES = { traces: TracesRequest, logs: LogsRequest, metrics: MetricsRequest };

/** Encodes OTLP's JSON form (hex ids, int64 as text, integer enums) as protobuf. */
export function encodeRequest(signal: keyof typeof REQUEST_TYPES, request: object): Uint8Array {
  const type = REQUEST_TYPES[signal];
  // protobufjs takes base64 text for bytes; OTLP's JSON has hex for ids
  return type.encode(type.fromObject(withBase64Ids(request) as object)).finish();
}

/** The full decode: every field of every record becomes an object. */
export function decodeFully(signal: keyof typeof REQUEST_TYPES, bytes: Uint8Array): unknown {
  return REQUEST_TYPES[signal].decode(bytes);
}

const ID_FIELDS = new Set(["traceId", "spanId", "parentSpanId"]);

function withBase64Ids(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBase64Ids);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      ID_FIELDS.has(key) && typeof part === "string"
        ? Buffer.from(part, "hex").toString("base64")
        : withBase64Ids(part),
    ]),
  );
}
