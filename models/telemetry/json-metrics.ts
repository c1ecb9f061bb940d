/** Reads the JSON encoding of ExportMetricsServiceRequest into the same facts as the protobuf reader. */
import type { AnyValueMap } from "./any-value.ts";
import { undecodable } from "./decode-error.ts";
import { attributesAt } from "./json-any-value.ts";
import { envelopeNames, readJsonEnvelope } from "./json-envelope.ts";
import { readEnum, readTime } from "./json-fields.ts";
import { JsonReader } from "./json-reader.ts";
import { asBoolean, asCount, asDouble, asInt64, asText } from "./json-values.ts";
import { NameTable } from "./name-table.ts";
import type { MetricType, PointFacts, PointSink } from "./record-source.ts";
import type { TextCache } from "./text-cache.ts";

const TEMPORALITY_NAMES = {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
};

const ENVELOPE = envelopeNames("resourceMetrics", "scopeMetrics", "metrics");
/** A metric has data of one type. Of several, which no encoder writes, the first in this order counts. */
const METRIC = new NameTable(["name", "gauge", "sum", "histogram", "exponentialHistogram", "summary"]);
const NAME = 0;
/** by index in the table above */
const TYPES: readonly MetricType[] = ["gauge", "gauge", "sum", "histogram", "exponential_histogram", "summary"];
const METRIC_DATA = new NameTable(["aggregationTemporality", "isMonotonic", "dataPoints"]);
const TEMPORALITY_FIELD = 0;
const IS_MONOTONIC = 1;
const POINT = new NameTable(["timeUnixNano", "flags", "asInt", "asDouble", "count", "sum", "attributes"]);
// in the order of the table
const TIME = 0;
const FLAGS = 1;
const AS_INT = 2;
const AS_DOUBLE = 3;
const COUNT = 4;
const SUM = 5;

/** @throws TelemetryDecodeError when the bytes are not such a request */
export function readJsonMetrics(bytes: Uint8Array, sink: PointSink, texts?: TextCache): void {
  const reader = new JsonReader(bytes, texts);
  const metric = new JsonMetric(reader, sink);
  readJsonEnvelope(reader, ENVELOPE, sink, () => metric.read());
}

/** Points need their metric's name, temporality and monotony. Where those stand before, as official encoders write them, points are
 *  read at once, and else when the metric was looked over. */
class JsonMetric implements PointFacts {
  readonly time = { ms: 0, nanos: 0 };
  metricName = "";
  metricType: MetricType = "gauge";
  temporality = 0;
  isMonotonic = false;
  value = Number.NaN;
  count = 0;
  sum = Number.NaN;
  flags = 0;
  readonly #reader: JsonReader;
  readonly #sink: PointSink;
  /** index in METRIC; 0 when there is no data */
  #type = 0;
  // what was seen of the metric so far
  #hasName = false;
  #hasTemporality = false;
  #hasMonotony = false;
  /** where points stand that are still to be read */
  #pointsAt = -1;
  #asInt: unknown;
  #asDouble: unknown;
  #attributesAt = -1;
  // made once, not for each point
  readonly #readField = (field: number) => this.#read(field);
  readonly #readDataField = (field: number) => this.#readData(field);
  readonly #readListed = () => this.#readOne();
  readonly #readPointField = (field: number) => this.#readPoint(field);

  constructor(reader: JsonReader, sink: PointSink) {
    this.#reader = reader;
    this.#sink = sink;
  }

  attributes(): AnyValueMap {
    return attributesAt(this.#reader, this.#attributesAt);
  }

  /** Reads the metric on which the reader stands, and hands on its points. */
  read(): void {
    this.metricName = "";
    this.temporality = 0;
    this.isMonotonic = false;
    this.#type = 0;
    this.#hasName = false;
    this.#hasTemporality = false;
    this.#hasMonotony = false;
    this.#pointsAt = -1;
    this.#reader.fields("a metric", METRIC, this.#readField);
    this.#reader.again(this.#pointsAt, () => this.#readPoints());
  }

  #read(field: number): void {
    const reader = this.#reader;
    if (field === NAME) {
      this.metricName = asText(reader.value(), "a metric's name");
      this.#hasName = true;
    } else if (reader.skipNull()) return;
    else if (this.#type === 0) {
      this.#type = field;
      this.metricType = TYPES[field]!;
      reader.fields("a metric's data", METRIC_DATA, this.#readDataField);
    } else if (field < this.#type) throw undecodable("a metric has data of two types");
    else reader.skip();
  }

  #readData(field: number): void {
    const reader = this.#reader;
    const type = this.metricType;
    const needsTemporality = type !== "gauge" && type !== "summary";
    if (field === TEMPORALITY_FIELD && needsTemporality) {
      this.temporality = readEnum(reader, "an aggregation temporality", TEMPORALITY_NAMES);
      this.#hasTemporality = true;
    } else if (field === IS_MONOTONIC && type === "sum") {
      this.isMonotonic = asBoolean(reader.value(), "isMonotonic");
      this.#hasMonotony = true;
    } else if (field <= IS_MONOTONIC) reader.skip();
    else if (this.#hasName && (this.#hasTemporality || !needsTemporality) && (this.#hasMonotony || type !== "sum")) {
      this.#readPoints();
    } else {
      this.#pointsAt = reader.pos;
      reader.skip();
    }
  }

  #readPoints(): void {
    this.#reader.list("dataPoints", this.#readListed);
  }

  #readOne(): void {
    this.#beginPoint();
    this.#reader.fields("a data point", POINT, this.#readPointField);
    if (this.#isNumber()) this.value = this.#numberOf();
    this.#sink.record(this);
  }

  #beginPoint(): void {
    this.time.ms = 0;
    this.time.nanos = 0;
    this.value = Number.NaN;
    this.count = 0;
    this.sum = Number.NaN;
    this.flags = 0;
    this.#asInt = undefined;
    this.#asDouble = undefined;
    this.#attributesAt = -1;
  }

  #readPoint(field: number): void {
    const reader = this.#reader;
    if (field === TIME) readTime(reader, this.time);
    else if (field === FLAGS) this.flags = readEnum(reader, "flags");
    else if (field === AS_INT) this.#asInt = reader.value();
    else if (field === AS_DOUBLE) this.#asDouble = reader.value();
    else if (field === COUNT && !this.#isNumber()) this.count = asCount(reader.value(), "a count");
    else if (field === SUM && !this.#isNumber()) this.sum = asDouble(reader.value(), "a sum");
    else {
      if (field > SUM) this.#attributesAt = reader.pos;
      reader.skip();
    }
  }

  #isNumber(): boolean {
    return this.metricType === "gauge" || this.metricType === "sum";
  }

  /** asInt counts before asDouble. */
  #numberOf(): number {
    return this.#asInt === undefined || this.#asInt === null
      ? asDouble(this.#asDouble, "asDouble")
      : Number(asInt64(this.#asInt, "asInt"));
  }
}
