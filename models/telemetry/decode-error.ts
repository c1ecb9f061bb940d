/** The two ways in which a request body can fail to be read; the receiver maps them to its own error catalogue. */
export type DecodeFailure = "undecodable" | "too_large";

export class TelemetryDecodeError extends Error {
  readonly failure: DecodeFailure;

  /** @param message safe to show to the sender; never contains bytes of the body */
  constructor(failure: DecodeFailure, message: string) {
    super(message);
    this.name = "TelemetryDecodeError";
    this.failure = failure;
  }
}

export function undecodable(message: string): TelemetryDecodeError {
  return new TelemetryDecodeError("undecodable", message);
}
