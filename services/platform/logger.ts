/** JSON logs by pino. error = someone must act now; warn = degraded, heals itself; info = lifecycle and decisions. Never a line per
 *  record, and never a telemetry body: count instead. */
import { trace } from "@opentelemetry/api";
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";

export type { Logger } from "pino";

export interface LoggerOptions {
  level: string;
  serviceName: string;
  /** standard output when absent */
  destination?: DestinationStream;
}

/** A logger whose lines carry `trace_id` and `span_id` while a span is active. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { service: options.serviceName, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: ["req.headers.authorization", "headers.authorization", "authorization", "password"],
      censor: "***",
    },
    serializers: { err: describeError },
    mixin: activeTrace,
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

function activeTrace(): Record<string, string> {
  const context = trace.getActiveSpan()?.spanContext();
  return context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId };
}

/** Errors of database drivers carry their whole connection, secrets and rows included: only what a reader needs is written. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  return {
    type: error.name,
    message: error.message,
    ...("code" in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}
