/** Makes error records of whole spans and log records, by the rules of OpenTelemetry's semantic conventions for exceptions:
 *
 *  - each exception event of a span is one error; it carries the codes of its span;
 *  - an error span without one is one error, told from its status and attributes;
 *  - an error log record, or one with an exception, is one error.
 *
 *  The same exception may arrive as span event and as log record: both records then have the same trace and span id, exception type
 *  and message, by which the features worker counts them once. */
import { type AnyValueMap, scalarText, textOf } from "./any-value.ts";
import type { BatchLimits } from "./batch-limits.ts";
import { boundStacktrace, boundText } from "./bounded-text.ts";
import type { WholeLog, WholeSpan } from "./record-source.ts";
import type { AttributeValue, EpochMs, ErrorRecord } from "./records.ts";
import { EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE, SPAN_KIND, statusCodeValue } from "./semconv.ts";
import type { Sender } from "./sender.ts";

const KIND_NAMES = new Map<number, NonNullable<ErrorRecord["spanKind"]>>([
  [SPAN_KIND.internal, "internal"],
  [SPAN_KIND.server, "server"],
  [SPAN_KIND.client, "client"],
  [SPAN_KIND.producer, "producer"],
  [SPAN_KIND.consumer, "consumer"],
]);

interface ErrorContext {
  sender: Sender;
  /** Of a span this is its end, for its exceptions too: they become known when the span is reported, and an earlier time would
   *  make the errors of long spans late. */
  timeMs: EpochMs;
  limits: BatchLimits;
  /** `keptAttributeName` of semconv.ts, or a memo of it */
  keptName: (key: string) => string | null;
}

/** @param kind SPAN_KIND of the span */
export function errorsOfSpan(span: WholeSpan, kind: number, context: ErrorContext): ErrorRecord[] {
  // once: a span may have as many exceptions as attributes
  const kept = keepFrom(span.attributes, {}, context);
  if (span.exceptions.length === 0) return [errorOfSpan(span, kind, null, kept, context)];
  return span.exceptions.map((exception) => errorOfSpan(span, kind, exception, kept, context));
}

/** @param exception attributes of the span's exception event; null when the span tells its error itself
 *  @param kept what is kept of the span's attributes */
function errorOfSpan(
  span: WholeSpan,
  kind: number,
  exception: AnyValueMap | null,
  kept: Readonly<KeptAttributes>,
  context: ErrorContext,
): ErrorRecord {
  const { limits } = context;
  const record = startRecord(exception === null ? "span" : "span_event", context);
  correlate(record, span);
  describeException(record, exception ?? span.attributes, limits);
  if (span.statusMessage !== "") record.body = boundText(span.statusMessage, limits.maxMessageLength);
  if (span.name !== "") record.spanName = boundText(span.name, limits.maxNameLength);
  const spanKind = KIND_NAMES.get(kind);
  if (spanKind !== undefined) record.spanKind = spanKind;
  record.attributes = keepWorkload(keepFrom(exception ?? new Map(), { ...kept }, context), context);
  return record;
}

export function errorOfLog(log: WholeLog, severityNumber: number, context: ErrorContext): ErrorRecord {
  const { limits } = context;
  const record = startRecord("log", context);
  correlate(record, log);
  describeException(record, log.attributes, limits);
  if (log.severityText !== "") record.severityText = boundText(log.severityText, limits.maxNameLength);
  if (severityNumber !== 0) record.severityNumber = severityNumber;
  const body = textOf(log.body);
  // loggers without exception attributes write the stack trace into the body
  if (body !== undefined && body !== "") record.body = boundStacktrace(body, limits.maxStacktraceLength);
  record.attributes = keepWorkload(keepFrom(log.attributes, {}, context), context);
  return record;
}

function startRecord(source: ErrorRecord["source"], { sender, timeMs }: ErrorContext): ErrorRecord {
  const record: ErrorRecord = { service: sender.service, timeMs, source, attributes: {} };
  if (sender.language !== undefined) record.language = sender.language;
  if (sender.version !== undefined) record.serviceVersion = sender.version;
  if (sender.instance !== undefined) record.instanceId = sender.instance;
  return record;
}

function correlate(record: ErrorRecord, ids: { traceId: string | undefined; spanId: string | undefined }): void {
  if (ids.traceId !== undefined) record.traceId = ids.traceId;
  if (ids.spanId !== undefined) record.spanId = ids.spanId;
}

function describeException(record: ErrorRecord, attributes: AnyValueMap, limits: BatchLimits): void {
  const type = textOf(attributes.get(EXCEPTION_TYPE));
  const message = textOf(attributes.get(EXCEPTION_MESSAGE));
  const stacktrace = textOf(attributes.get(EXCEPTION_STACKTRACE));
  if (type) record.exceptionType = boundText(type, limits.maxAttributeLength);
  if (message) record.exceptionMessage = boundText(message, limits.maxMessageLength);
  if (stacktrace) record.stacktrace = boundStacktrace(stacktrace, limits.maxStacktraceLength);
}

type KeptAttributes = Record<string, AttributeValue>;

/** Adds the attributes worth keeping, under their present-day names. A later map wins, and present-day names win over older ones. */
function keepFrom(map: AnyValueMap, kept: KeptAttributes, { limits, keptName: nameOf }: ErrorContext): KeptAttributes {
  let count = Object.keys(kept).length;
  for (const [key, value] of map) {
    const keptName = nameOf(key);
    if (keptName === null || keptName.length > limits.maxNameLength || scalarText(value) === undefined) continue;
    const name = boundText(keptName, limits.maxNameLength);
    if (!Object.hasOwn(kept, name)) {
      if (count === limits.maxErrorAttributes) continue;
      count += 1;
    } else if (key !== name) continue;
    // scalarText leaves text, numbers and booleans
    kept[name] = boundValue(statusCodeValue(key, value as AttributeValue), limits);
  }
  return kept;
}

/** Adds where the sender runs, last because it is the first to be cut. */
function keepWorkload(kept: KeptAttributes, { sender, limits }: ErrorContext): KeptAttributes {
  let count = Object.keys(kept).length;
  for (const [key, value] of sender.workload()) {
    if (count >= limits.maxErrorAttributes) break;
    if (Object.hasOwn(kept, key)) continue;
    kept[key] = boundValue(value, limits);
    count += 1;
  }
  return kept;
}

/** JSON has no NaN, no infinity and no -0: the first two travel as text, the last as 0. */
function boundValue(value: AttributeValue, limits: BatchLimits): AttributeValue {
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : String(value);
  return typeof value === "string" ? boundText(value, limits.maxAttributeLength) : value;
}
