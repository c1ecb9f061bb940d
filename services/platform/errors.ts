/** The one error class and its catalogue. There is no HTTP status in it: each edge (HTTP API, OTLP/HTTP, queue) has one exhaustive
 *  table from `kind` to behaviour. */
export const ERROR_CATALOGUE = {
  INVALID_INPUT: { kind: "invalid_input", retryable: false },
  UNDECODABLE: { kind: "malformed", retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { kind: "unsupported_media_type", retryable: false },
  METHOD_NOT_ALLOWED: { kind: "method_not_allowed", retryable: false },
  TOO_LARGE: { kind: "too_large", retryable: false },
  UNAUTHENTICATED: { kind: "unauthenticated", retryable: false },
  FORBIDDEN: { kind: "forbidden", retryable: false },
  NOT_FOUND: { kind: "not_found", retryable: false },
  CONFLICT: { kind: "conflict", retryable: false },
  OVERLOADED: { kind: "overloaded", retryable: true },
  UNAVAILABLE: { kind: "unavailable", retryable: true },
  MODEL_NOT_READY: { kind: "unavailable", retryable: true },
  INVALID_CONFIG: { kind: "invalid_input", retryable: false },
  SHAPE_MISMATCH: { kind: "bug", retryable: false },
  ARTIFACT_CORRUPT: { kind: "bug", retryable: false },
  BUG: { kind: "bug", retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export type ErrorKind = (typeof ERROR_CATALOGUE)[ErrorCode]["kind"];

export class HarbingerError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  /** @param details safe to show to the caller; never telemetry bodies or secrets */
  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HarbingerError";
    this.code = code;
    this.details = options.details ?? {};
  }

  get kind(): ErrorKind {
    return ERROR_CATALOGUE[this.code].kind;
  }

  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }
}
