/** Reads the JSON encoding of ExportMetricsServiceRequest into the same facts as the protobuf reader. */
import { readJsonEnvelope } from "./json-envelope.ts";
import {
  asBoolean,
  asCount,
  asDouble,
  asEnum,
  asInt64,
  asList,
  asObject,
  asText,
  type JsonObject,
  readKeyValues,
} from "./json-values.ts";
import type { MetricType, PointFacts, PointSink, Writable } from "./record-source.ts";
import { setFromJson } from "./unix-nano.ts";

const TEMPORALITY_NAMES = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
};

const TYPES: readonly (readonly [field: string, type: MetricType])[] = [
  ["gauge", "gauge"],
  ["sum", "sum"],
  ["histogram", "histogram"],
  ["exponentialHistogram", "exponential_histogram"],
  ["summary", "summary"],
];

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readJsonMetrics(bytes: Uint8Array, sink: PointSink): void {
  let point: JsonObject = {};
  const facts: Writable<PointFacts> = {
    time: { ms: 0, nanos: 0 },
    metricName: "",
    // replaced by the metric's own before its points are read
    metricType: "gauge",
    temporality: 0,
    isMonotonic: false,
    value: Number.NaN,
    count: 0,
    sum: Number.NaN,
    flags: 0,
    attributes: () => readKeyValues(point.attributes, new Map()),
  };

  readJsonEnvelope(
    bytes,
    { resources: "resourceMetrics", scopes: "scopeMetrics", records: "metrics" },
    (resource) => sink.resource(resource),
    (metric) => {
      facts.metricName = asText(metric.name, "a metric's name");
      for (const [field, type] of TYPES) {
        if (metric[field] === undefined || metric[field] === null) continue;
        readPoints(asObject(metric[field], field), type);
        return;
      }
    },
  );

  function readPoints(metricData: JsonObject, type: MetricType): void {
    facts.metricType = type;
    const hasTemporality = type !== "gauge" && type !== "summary";
    facts.temporality = hasTemporality
      ? asEnum(metricData.aggregationTemporality, "an aggregation temporality", TEMPORALITY_NAMES)
      : 0;
    facts.isMonotonic = type === "sum" && asBoolean(metricData.isMonotonic, "isMonotonic");
    for (const entry of asList(metricData.dataPoints, "dataPoints")) {
      point = asObject(entry, "a data point");
      setFromJson(facts.time, point.timeUnixNano);
      facts.flags = asEnum(point.flags, "flags");
      const isNumber = type === "gauge" || type === "sum";
      facts.value = isNumber ? numberOf(point) : Number.NaN;
      facts.count = isNumber ? 0 : asCount(point.count, "a count");
      facts.sum = isNumber ? Number.NaN : asDouble(point.sum, "a sum");
      sink.record(facts);
    }
  }
}

function numberOf(point: JsonObject): number {
  if (point.asInt !== undefined && point.asInt !== null) return Number(asInt64(point.asInt, "asInt"));
  return asDouble(point.asDouble, "asDouble");
}
