/** Unix nanoseconds as two whole numbers, milliseconds and the rest in nanoseconds: a double would lose up to 128 ns of today's
 *  times and with it the boundaries of windows. */
import { undecodable } from "./decode-error.ts";

const NANOS_PER_MS = 1_000_000;
const MAX_UINT64 = "18446744073709551615";

/** Reused by the readers, so that a span costs no allocation. */
export interface UnixNano {
  /** 0 with `nanos` 0 means "not set" */
  ms: number;
  /** [0, 1 000 000) */
  nanos: number;
}

/** @param lo @param hi the words of a fixed64, each in [0, 2^32) */
export function setFromWords(target: UnixNano, lo: number, hi: number): void {
  // 2^32 = 4294 · 10^6 + 967296, so with whole numbers below 2^53 only:
  const rest = hi * 967_296 + lo;
  let quotient = Math.floor(rest / NANOS_PER_MS);
  let remainder = rest - quotient * NANOS_PER_MS;
  // the division may have rounded up to the next whole number
  if (remainder < 0) {
    quotient -= 1;
    remainder += NANOS_PER_MS;
  }
  target.ms = hi * 4294 + quotient;
  target.nanos = remainder;
}

/** Reads the JSON form of a fixed64: a decimal string or a whole number; null and undefined mean 0.
 *  @throws TelemetryDecodeError on anything else */
export function setFromJson(target: UnixNano, value: unknown): void {
  if (value === undefined || value === null) {
    target.ms = 0;
    target.nanos = 0;
    return;
  }
  const text = typeof value === "number" && Number.isInteger(value) && value >= 0 ? BigInt(value).toString() : value;
  if (typeof text !== "string" || !/^\d{1,20}$/.test(text) || (text.length === 20 && text > MAX_UINT64)) {
    throw undecodable("a time is not an unsigned 64-bit number");
  }
  target.ms = text.length > 6 ? Number(text.slice(0, -6)) : 0;
  target.nanos = Number(text.slice(-6));
}

export function isSet(time: UnixNano): boolean {
  return time.ms !== 0 || time.nanos !== 0;
}

/** @returns ms, with fractions; 0 when either is not set or the end lies before the start */
export function durationMs(start: UnixNano, end: UnixNano): number {
  if (!isSet(start) || !isSet(end)) return 0;
  const duration = end.ms - start.ms + (end.nanos - start.nanos) / NANOS_PER_MS;
  return duration > 0 ? duration : 0;
}
