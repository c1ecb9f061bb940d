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
import {
  EXCEPTION_MESSAGE,
  EXCEPTION_STACKTRACE,
  EXCEPTION_TYPE,
  keptAttributeName,
  SPAN_KIND,
  statusCodeValue,
} from "./semconv.ts";
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
}

/** @param kind SPAN_KIND of the span */
export function errorsOfSpan(span: WholeSpan, kind: number, context: ErrorContext): ErrorRecord[] {
  const { limits } = context;
  const shared: Partial<ErrorRecord> = {
    ...correlation(span),
    ...optional("body", span.statusMessage, limits.maxMessageLength),
    ...optional("spanName", span.name, limits.maxNameLength),
  };
  const spanKind = KIND_NAMES.get(kind);
  if (spanKind !== undefined) shared.spanKind = spanKind;
  if (span.exceptions.length === 0) {
    return [
      {
        ...origin(context, "span"),
        ...shared,
        ...exceptionOf(span.attributes, limits),
        ...kept(context, span.attributes),
      },
    ];
  }
  return span.exceptions.map((exception) => ({
    ...origin(context, "span_event"),
    ...shared,
    ...exceptionOf(exception, limits),
    ...kept(context, span.attributes, exception),
  }));
}

export function errorOfLog(log: WholeLog, severityNumber: number, context: ErrorContext): ErrorRecord {
  const { limits } = context;
  const record: ErrorRecord = {
    ...origin(context, "log"),
    ...correlation(log),
    ...optional("severityText", log.severityText, limits.maxNameLength),
    ...exceptionOf(log.attributes, limits),
    ...kept(context, log.attributes),
  };
  if (severityNumber !== 0) record.severityNumber = severityNumber;
  const body = textOf(log.body);
  // loggers without exception attributes write the stack trace into the body
  if (body !== undefined && body !== "") record.body = boundStacktrace(body, limits.maxStacktraceLength);
  return record;
}

function origin({ sender, timeMs, limits }: ErrorContext, source: ErrorRecord["source"]) {
  return {
    service: sender.service,
    timeMs,
    source,
    ...optional("language", sender.language, limits.maxNameLength),
    ...optional("serviceVersion", sender.version, limits.maxNameLength),
    ...optional("instanceId", sender.instance, limits.maxNameLength),
  };
}

function correlation({ traceId, spanId }: { traceId: string | undefined; spanId: string | undefined }) {
  return { ...(traceId === undefined ? {} : { traceId }), ...(spanId === undefined ? {} : { spanId }) };
}

function exceptionOf(attributes: AnyValueMap, limits: BatchLimits) {
  const stacktrace = textOf(attributes.get(EXCEPTION_STACKTRACE));
  return {
    ...optional("exceptionType", textOf(attributes.get(EXCEPTION_TYPE)), limits.maxAttributeLength),
    ...optional("exceptionMessage", textOf(attributes.get(EXCEPTION_MESSAGE)), limits.maxMessageLength),
    ...(stacktrace ? { stacktrace: boundStacktrace(stacktrace, limits.maxStacktraceLength) } : {}),
  };
}

/** @returns nothing for a text that is absent or empty */
function optional<Key extends string>(key: Key, text: string | undefined, maxLength: number): { [K in Key]?: string } {
  if (text === undefined || text === "") return {};
  // a computed key widens to string; it is Key by construction
  return { [key]: boundText(text, maxLength) } as { [K in Key]?: string };
}

/** The attributes worth keeping, under their present-day names. Later maps win, present-day names win over older ones, and a
 *  resource's `k8s.*` come last because they are the first to be cut. */
function kept({ sender, limits }: ErrorContext, ...maps: AnyValueMap[]): Pick<ErrorRecord, "attributes"> {
  const attributes: Record<string, AttributeValue> = {};
  let count = 0;
  const keep = (key: string, name: string, value: AttributeValue) => {
    if (!Object.hasOwn(attributes, name)) {
      if (count === limits.maxErrorAttributes) return;
      count += 1;
    } else if (key !== name) return;
    attributes[name] = value;
  };
  for (const map of maps) {
    for (const [key, value] of map) {
      const name = keptAttributeName(key);
      if (name === null || name.length > limits.maxNameLength || scalarText(value) === undefined) continue;
      // scalarText leaves text, numbers and booleans
      keep(key, name, boundValue(statusCodeValue(key, value as AttributeValue), limits));
    }
  }
  for (const [key, value] of sender.attributes) {
    if (!key.startsWith("k8s.") || key.length > limits.maxNameLength || scalarText(value) === undefined) continue;
    if (!Object.hasOwn(attributes, key)) keep(key, key, boundValue(value as AttributeValue, limits));
  }
  return { attributes };
}

/** JSON has no NaN and no infinity: they travel as text. */
function boundValue(value: AttributeValue, limits: BatchLimits): AttributeValue {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return typeof value === "string" ? boundText(value, limits.maxAttributeLength) : value;
}
