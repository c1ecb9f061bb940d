/** fast-check generators of OTLP requests in the JSON form that official encoders write. */
import fc from "fast-check";
import { logsRequest, metricsRequest, nanos, resource, text, tracesRequest } from "./otlp-payloads.ts";
import { NOW_MS } from "./summarise-options.ts";

const unicode = fc.string({ unit: "grapheme", maxLength: 40 });

const anyValue: fc.Arbitrary<object> = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.record({ stringValue: unicode }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({ doubleValue: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie("value"), { maxLength: 3 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({ key: unicode, value: tie("value") }), { maxLength: 3 }),
      }),
    }),
    fc.constant({}),
  ),
})).value;

/** names that are read, near misses of them, and anything */
const key = fc.oneof(
  fc.constantFrom(
    "peer.service",
    "server.address",
    "net.peer.name",
    "db.system",
    "http.status_code",
    "http.response.status_code",
    "rpc.grpc.status_code",
    "error.type",
    "exception.type",
    "exception.message",
    "exception.stacktrace",
    "exception.",
    "service.name",
    "state",
    "__proto__",
    "x".repeat(130),
  ),
  unicode,
);
const attributes = fc.array(fc.record({ key, value: anyValue }), { maxLength: 6 });
const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits });
const time = fc
  .tuple(fc.integer({ min: NOW_MS - 200_000, max: NOW_MS + 200_000 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([ms, rest]) => nanos(ms, rest));
const anyTime = fc.oneof({ weight: 8, arbitrary: time }, fc.constantFrom("0", "1", "18446744073709551615"));

const span = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16),
    name: unicode,
    kind: fc.integer({ min: 0, max: 6 }),
    startTimeUnixNano: anyTime,
    endTimeUnixNano: anyTime,
    attributes,
    events: fc.array(
      fc.record({ timeUnixNano: time, name: fc.constantFrom("exception", "retry", "exceptions"), attributes }),
      { maxLength: 3 },
    ),
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: unicode }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const logRecord = fc.record(
  {
    timeUnixNano: anyTime,
    observedTimeUnixNano: anyTime,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: unicode,
    body: anyValue,
    attributes,
    traceId: hex(32),
    spanId: hex(16),
    eventName: fc.constantFrom("", "exception", "a.exception", "other"),
  },
  { requiredKeys: [] },
);

const metricName = fc.constantFrom(
  "process.memory.usage",
  "jvm.memory.used",
  "jvm.memory.limit",
  "system.cpu.utilization",
  "db.client.connection.count",
  "db.client.connection.max",
  "http.server.request.duration",
  "queue.length",
  "requests",
);
const temporality = fc.integer({ min: 0, max: 2 });
const counts = fc.array(fc.integer({ min: 0, max: 1_000 }).map(String), { maxLength: 4 });
const buckets = fc.record({ offset: fc.integer({ min: -50, max: 50 }), bucketCounts: counts });
const measured = fc.double({ noNaN: true, noDefaultInfinity: true });
const exemplars = fc.array(fc.record({ timeUnixNano: anyTime, asDouble: measured, filteredAttributes: attributes }), {
  maxLength: 2,
});
/** what is only walked past; some fields belong to one kind of point, and the others ignore them */
const distribution = {
  startTimeUnixNano: anyTime,
  bucketCounts: counts,
  explicitBounds: fc.array(measured, { maxLength: 4 }),
  scale: fc.integer({ min: -10, max: 20 }),
  zeroCount: fc.integer({ min: 0, max: 9 }).map(String),
  positive: buckets,
  negative: buckets,
  quantileValues: fc.array(fc.record({ quantile: measured, value: measured }), { maxLength: 3 }),
  exemplars,
  min: measured,
  max: measured,
};
const numberPoint = fc.oneof(
  fc.record({ timeUnixNano: anyTime, attributes, asDouble: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  fc.record({
    timeUnixNano: anyTime,
    attributes,
    asInt: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  }),
  fc.record({
    timeUnixNano: anyTime,
    startTimeUnixNano: anyTime,
    exemplars,
    attributes,
    flags: fc.integer({ min: 0, max: 1 }),
  }),
);
const distributionPoint = fc.record(
  {
    ...distribution,
    timeUnixNano: anyTime,
    attributes,
    count: fc.integer({ min: 0, max: 1_000_000 }).map(String),
    sum: fc.double({ min: 0, max: 1e9, noNaN: true }),
    flags: fc.integer({ min: 0, max: 1 }),
  },
  { requiredKeys: ["timeUnixNano"] },
);
/** a summary has no exemplars: in JSON they would be an unknown field whose times a replay moves, and protobuf cannot write them */
const summaryPoint = distributionPoint.map(({ exemplars: _, ...point }) => point);
const points = <T>(point: fc.Arbitrary<T>) => fc.array(point, { maxLength: 3 });
const metric = fc.oneof(
  fc.record({ name: metricName, gauge: fc.record({ dataPoints: points(numberPoint) }) }),
  fc.record({
    name: metricName,
    sum: fc.record({ dataPoints: points(numberPoint), aggregationTemporality: temporality, isMonotonic: fc.boolean() }),
  }),
  fc.record({
    name: metricName,
    histogram: fc.record({ dataPoints: points(distributionPoint), aggregationTemporality: temporality }),
  }),
  fc.record({
    name: metricName,
    exponentialHistogram: fc.record({ dataPoints: points(distributionPoint), aggregationTemporality: temporality }),
  }),
  fc.record({ name: metricName, summary: fc.record({ dataPoints: points(summaryPoint) }) }),
);

const from = fc
  .tuple(fc.constantFrom("web", "cart"), attributes)
  .map(([name, more]) => resource(name, text("service.version", "1"), ...(more as ReturnType<typeof text>[])));

export const requests = {
  traces: fc.tuple(fc.array(span, { maxLength: 6 }), from).map(([spans, sender]) => tracesRequest(spans, sender)),
  logs: fc.tuple(fc.array(logRecord, { maxLength: 6 }), from).map(([logs, sender]) => logsRequest(logs, sender)),
  metrics: fc
    .tuple(fc.array(metric, { maxLength: 6 }), from)
    .map(([metrics, sender]) => metricsRequest(metrics, sender)),
};
