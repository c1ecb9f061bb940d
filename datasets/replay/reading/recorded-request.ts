/** What every kind of recording is turned into: OTLP requests in their order, with what the replay needs to know of each. */
import type { Signal } from "../../../models/telemetry/records.ts";
import type { Encoding } from "../../../models/telemetry/summarise.ts";

/** event times, in ms since the epoch */
export interface TimeRange {
  firstMs: number;
  lastMs: number;
}

export interface RecordedRequest {
  signal: Signal;
  encoding: Encoding;
  /** spans, log records or data points */
  recordCount: number;
  /** null: no record has a time */
  times: TimeRange | null;
  /** file and place in it, for messages */
  source: string;
  /** The request with all times moved. @param shiftNs may be negative; 0n leaves every byte as it was recorded */
  body(shiftNs: bigint): Uint8Array;
}

export interface Recording {
  name: string;
  /** each call reads the recording again from its start @throws RecordingError */
  requests(): AsyncIterable<RecordedRequest>;
  /** over all requests; null when nothing in it has a time @throws RecordingError */
  times(): Promise<TimeRange | null>;
}

/** A file that cannot be replayed; the message says which one, where and why. */
export class RecordingError extends Error {
  constructor(source: string, reason: string, options?: ErrorOptions) {
    super(`${source}: ${reason}`, options);
    this.name = "RecordingError";
  }
}

export function unite(a: TimeRange | null, b: TimeRange | null): TimeRange | null {
  if (a === null || b === null) return a ?? b;
  return { firstMs: Math.min(a.firstMs, b.firstMs), lastMs: Math.max(a.lastMs, b.lastMs) };
}
