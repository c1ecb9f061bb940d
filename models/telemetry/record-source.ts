/** The one model that both encodings are read into, so that protobuf and JSON cannot mean different things. A reader walks a
 *  request and hands each record to a sink as *facts*: a view that it reuses for the next record. Facts cost next to nothing; only
 *  `whole()` decodes a record entirely, and sinks ask for it when the record is an error. */
import type { AnyValue, AnyValueMap } from "./any-value.ts";
import type { UnixNano } from "./unix-nano.ts";

export interface RecordSink<Facts> {
  /** Called before the records of a resource. @param attributes decodes them; not called when it has no records */
  resource(attributes: () => AnyValueMap): void;
  /** @param facts valid only during the call */
  record(facts: Facts): void;
  /** Forgets everything so far: the reader begins anew, because what it handed on was not the request's last word. */
  restart(): void;
}

export interface SpanFacts {
  readonly start: Readonly<UnixNano>;
  readonly end: Readonly<UnixNano>;
  /** SPAN_KIND; unknown numbers pass through */
  readonly kind: number;
  /** STATUS_CODE */
  readonly statusCode: number;
  /** has an event named `exception` */
  readonly hasException: boolean;
  /** http.response.status_code, 0 when there is none */
  httpStatusCode(): number;
  /** who is called, by PEER_ATTRIBUTES */
  peer(): string | undefined;
  /** @param maxExceptions of more exceptions only the number is told */
  whole(maxExceptions: number): WholeSpan;
}

export interface WholeSpan {
  traceId: string | undefined;
  spanId: string | undefined;
  name: string;
  statusMessage: string;
  attributes: AnyValueMap;
  /** attributes of each event named `exception`, from the first */
  exceptions: AnyValueMap[];
  /** events named `exception` that were not read */
  unreadExceptions: number;
}

export interface LogFacts {
  readonly time: Readonly<UnixNano>;
  readonly observedTime: Readonly<UnixNano>;
  readonly severityNumber: number;
  /** has an `exception.*` attribute or an exception's event name */
  readonly hasException: boolean;
  whole(): WholeLog;
}

export interface WholeLog {
  traceId: string | undefined;
  spanId: string | undefined;
  severityText: string;
  body: AnyValue | undefined;
  attributes: AnyValueMap;
}

export type MetricType = "gauge" | "sum" | "histogram" | "exponential_histogram" | "summary";

export interface PointFacts {
  readonly time: Readonly<UnixNano>;
  readonly metricName: string;
  readonly metricType: MetricType;
  /** TEMPORALITY; unspecified for gauges and summaries */
  readonly temporality: number;
  readonly isMonotonic: boolean;
  /** of gauges and sums; NaN when there is none */
  readonly value: number;
  /** of histograms and summaries */
  readonly count: number;
  /** of histograms and summaries; NaN when there is none */
  readonly sum: number;
  /** data point flags */
  readonly flags: number;
  attributes(): AnyValueMap;
}

export type SpanSink = RecordSink<SpanFacts>;
export type LogSink = RecordSink<LogFacts>;
export type PointSink = RecordSink<PointFacts>;

const ZERO_IDS = { 16: "0".repeat(16), 32: "0".repeat(32) };

/** @param hex lower case @param length hex digits a proper id has @returns undefined for "not correlated": zero or another length */
export function correlationId(hex: string, length: 16 | 32): string | undefined {
  return hex.length === length && hex !== ZERO_IDS[length] ? hex : undefined;
}

/** Facts as their reader writes them. */
export type Writable<Facts> = {
  -readonly [Key in keyof Facts]: Facts[Key] extends Readonly<UnixNano> ? UnixNano : Facts[Key];
};
