/** Reads ExportMetricsServiceRequest (opentelemetry/proto/metrics/v1/metrics.proto). A metric's name and its data's temporality may
 *  stand after the points, so each metric is looked over once before its points are handed on. Of points only the time, the
 *  flags and the scalar values are read; buckets, quantiles and exemplars are walked past. */
import { readEnvelope } from "./protobuf-envelope.ts";
import { readAttributesOf, readTime, tagOf } from "./protobuf-values.ts";
import type { MetricType, PointFacts, PointSink, Writable } from "./record-source.ts";
import type { TextCache } from "./text-cache.ts";
import { WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT, WireReader } from "./wire-reader.ts";

const NAME = tagOf(1, WIRE_BYTES);
const DATA_POINTS = tagOf(1, WIRE_BYTES);
const TEMPORALITY_FIELD = tagOf(2, WIRE_VARINT);
const IS_MONOTONIC = tagOf(3, WIRE_VARINT);

/** Where each kind of point keeps what is read of it; 0 is a field that it does not have. */
interface PointLayout {
  type: MetricType;
  time: number;
  asDouble: number;
  asInt: number;
  count: number;
  sum: number;
  flags: number;
  attributes: number;
}

const NUMBER_POINT = {
  time: tagOf(3, WIRE_FIXED64),
  asDouble: tagOf(4, WIRE_FIXED64),
  asInt: tagOf(6, WIRE_FIXED64),
  count: 0,
  sum: 0,
  flags: tagOf(8, WIRE_VARINT),
  attributes: tagOf(7, WIRE_BYTES),
};

const DISTRIBUTION_POINT = {
  time: tagOf(3, WIRE_FIXED64),
  asDouble: 0,
  asInt: 0,
  count: tagOf(4, WIRE_FIXED64),
  sum: tagOf(5, WIRE_FIXED64),
};

/** by the tag of Metric's oneof `data` */
const LAYOUTS = new Map<number, PointLayout>([
  [tagOf(5, WIRE_BYTES), { type: "gauge", ...NUMBER_POINT }],
  [tagOf(7, WIRE_BYTES), { type: "sum", ...NUMBER_POINT }],
  [
    tagOf(9, WIRE_BYTES),
    { type: "histogram", ...DISTRIBUTION_POINT, flags: tagOf(10, WIRE_VARINT), attributes: tagOf(9, WIRE_BYTES) },
  ],
  [
    tagOf(10, WIRE_BYTES),
    {
      type: "exponential_histogram",
      ...DISTRIBUTION_POINT,
      flags: tagOf(10, WIRE_VARINT),
      attributes: tagOf(1, WIRE_BYTES),
    },
  ],
  [
    tagOf(11, WIRE_BYTES),
    { type: "summary", ...DISTRIBUTION_POINT, flags: tagOf(8, WIRE_VARINT), attributes: tagOf(7, WIRE_BYTES) },
  ],
]);

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readProtobufMetrics(bytes: Uint8Array, sink: PointSink, texts?: TextCache): void {
  const reader = new WireReader(bytes, texts);
  readEnvelope(reader, sink, createMetricReader(reader, sink));
}

function createMetricReader(reader: WireReader, sink: PointSink): (end: number) => void {
  let layout: PointLayout | undefined;
  let pointStart = 0;
  let pointEnd = 0;
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
    attributes: () => readAttributesOf(reader, pointStart, pointEnd, layout?.attributes ?? 0),
  };

  return (end) => {
    facts.metricName = "";
    layout = undefined;
    let dataStart = 0;
    let dataEnd = 0;
    while (reader.pos < end) {
      const tag = reader.tag();
      const found = LAYOUTS.get(tag);
      if (found !== undefined) {
        layout = found;
        dataEnd = reader.limit(end);
        dataStart = reader.pos;
        reader.pos = dataEnd;
      } else if (tag === NAME) {
        const stop = reader.limit(end);
        facts.metricName = reader.text(reader.pos, stop);
        reader.pos = stop;
      } else reader.skip(tag, end);
      reader.ensureWithin(end);
    }
    if (layout !== undefined) readPoints(layout, dataStart, dataEnd);
    reader.pos = end;
  };

  function readPoints(points: PointLayout, start: number, end: number): void {
    facts.metricType = points.type;
    readAggregation(points, start, end);
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === DATA_POINTS) {
        const stop = reader.limit(end);
        readPoint(points, stop);
        sink.record(facts);
        reader.pos = stop;
      } else reader.skip(tag, end);
      reader.ensureWithin(end);
    }
  }

  function readAggregation(points: PointLayout, start: number, end: number): void {
    facts.temporality = 0;
    facts.isMonotonic = false;
    if (points.type === "gauge" || points.type === "summary") return;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === TEMPORALITY_FIELD) facts.temporality = reader.int32();
      else if (tag === IS_MONOTONIC && points.type === "sum") {
        reader.varint64();
        facts.isMonotonic = reader.lo !== 0 || reader.hi !== 0;
      } else reader.skip(tag, end);
      reader.ensureWithin(end);
    }
  }

  function readPoint(point: PointLayout, end: number): void {
    pointStart = reader.pos;
    pointEnd = end;
    facts.time.ms = 0;
    facts.time.nanos = 0;
    facts.value = Number.NaN;
    facts.count = 0;
    facts.sum = Number.NaN;
    facts.flags = 0;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === point.time) {
        readTime(reader, facts.time);
      } else if (tag === point.asDouble) facts.value = reader.double();
      else if (tag === point.asInt) facts.value = signedWords(reader);
      else if (tag === point.count) facts.count = unsignedWords(reader);
      else if (tag === point.sum) facts.sum = reader.double();
      else if (tag === point.flags) facts.flags = reader.int32();
      else reader.skip(tag, end);
      reader.ensureWithin(end);
    }
  }
}

/** A measured value, not a time: beyond ±2^53 its nearest double is what a gauge needs. */
function signedWords(reader: WireReader): number {
  const at = reader.fixed64();
  return reader.words.getInt32(at + 4, true) * 4_294_967_296 + reader.words.getUint32(at, true);
}

function unsignedWords(reader: WireReader): number {
  const at = reader.fixed64();
  return reader.words.getUint32(at + 4, true) * 4_294_967_296 + reader.words.getUint32(at, true);
}
