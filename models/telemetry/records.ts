/** What a receiver makes of one OTLP request: per-service window deltas and whole error records. This is what crosses the telemetry
 *  queue, so everything in it is plain JSON. */
import type { WindowStats } from "../windows/window-stats.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

export type Signal = "traces" | "metrics" | "logs";

export type AttributeValue = string | number | boolean;

/** `service.namespace`, `service.name`, `deployment.environment.name`; an absent part is the empty string. */
export interface ServiceIdentity {
  namespace: string;
  name: string;
  environment: string;
}

/** One error as it was reported: an `exception` span event, an error span without one, or an error log record. */
export interface ErrorRecord {
  service: ServiceIdentity;
  timeMs: EpochMs;
  source: "span" | "span_event" | "log";
  /** lower-case hex; absent when zero or of a wrong length ("not correlated") */
  traceId?: string;
  spanId?: string;
  exceptionType?: string;
  exceptionMessage?: string;
  stacktrace?: string;
  /** log body as text, or the span's status message */
  body?: string;
  severityNumber?: number;
  severityText?: string;
  spanName?: string;
  spanKind?: "internal" | "server" | "client" | "producer" | "consumer";
  /** attributes that carry a code, a peer or an error type; bounded in number and length */
  attributes: Record<string, AttributeValue>;
  /** telemetry.sdk.language */
  language?: string;
  serviceVersion?: string;
  instanceId?: string;
}

/** What one service did in one window as far as one request shows. Merging deltas is addition, so order does not matter. */
interface WindowDelta {
  service: ServiceIdentity;
  /** start of the half-open window [startMs, startMs + windowSizeMs) */
  startMs: EpochMs;
  stats: WindowStats;
}

/** Records that were refused, per reason; they are answered by OTLP partial success and never resent. `over_limit`: one request
 *  spreads over more windows than a batch may have. */
export type RejectionReason = "too_old" | "too_far_in_future" | "invalid_record" | "over_limit";

/** What was accepted with a loss of detail, because a bound on one batch was reached; the sender is warned. */
interface BatchLosses {
  /** errors that are counted in windows but whose record was not kept */
  errorRecords?: number;
  /** records of services over the bound, counted under `_OTHER` */
  foldedRecords?: number;
}

export interface TelemetryBatch {
  format: 1;
  /** hex SHA-256 over the signal and the decompressed body: a resent request has the same id and counts once */
  batchId: string;
  signal: Signal;
  receivedAtMs: EpochMs;
  windowSizeMs: number;
  /** spans, log records or data points in the request, rejected ones included */
  recordCount: number;
  rejected: Partial<Record<RejectionReason, number>>;
  /** latest event time among accepted records, null when there is none */
  maxEventTimeMs: EpochMs | null;
  windows: WindowDelta[];
  errors: ErrorRecord[];
  /** absent when nothing was lost */
  losses?: BatchLosses;
}

/** What a worker merges at once: a request, or a few that were coalesced. */
export interface TelemetryJob {
  batches: TelemetryBatch[];
}
