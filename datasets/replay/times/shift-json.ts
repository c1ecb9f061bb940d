/** Moves the times of an OTLP request in JSON, in its text: parsing and writing it again would lose nanoseconds wherever a time is
 *  written as a number, and would change bytes that are none of our business.
 *
 *  In OTLP's JSON names given by users are values (`"key": "…"`), never keys, so a key with a time's name is a time. */
import { shiftTime } from "./shift-time.ts";

const TIME_KEYS = new Set(["startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano"]);
const LONGEST_KEY = 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** @throws RangeError when a time would leave the range of OTLP */
export function shiftJson(bytes: Buffer, shiftNs: bigint): Buffer {
  const parts: Buffer[] = [];
  let copied = 0;
  let index = bytes.indexOf(QUOTE);
  while (index >= 0) {
    const end = endOfText(bytes, index);
    let next = end + 1;
    if (end - index - 1 <= LONGEST_KEY && TIME_KEYS.has(bytes.toString("latin1", index + 1, end))) {
      const value = valueAfterColon(bytes, next);
      if (value !== null) {
        const time = BigInt(bytes.toString("latin1", value.start, value.end));
        parts.push(bytes.subarray(copied, value.start), Buffer.from(String(shiftTime(time, shiftNs))));
        copied = value.end;
        next = value.isText ? value.end + 1 : value.end;
      }
    }
    index = bytes.indexOf(QUOTE, next);
  }
  parts.push(bytes.subarray(copied));
  return Buffer.concat(parts);
}

/** @returns the index of the closing quote */
function endOfText(bytes: Buffer, start: number): number {
  for (let index = start + 1; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === BACKSLASH) index += 1;
    else if (byte === QUOTE) return index;
  }
  return bytes.length;
}

/** @returns the digits of a key's value; null when this is no key, or its value is no whole number */
function valueAfterColon(bytes: Buffer, from: number): { start: number; end: number; isText: boolean } | null {
  const colon = skipSpace(bytes, from);
  if (bytes[colon] !== COLON) return null;
  let start = skipSpace(bytes, colon + 1);
  const isText = bytes[start] === QUOTE;
  if (isText) start += 1;
  let end = start;
  while (isDigit(bytes[end])) end += 1;
  const after = bytes[end];
  const isWhole = isText ? after === QUOTE : after !== 0x2e && after !== 0x65 && after !== 0x45;
  return end > start && isWhole ? { start, end, isText } : null;
}

function skipSpace(bytes: Buffer, from: number): number {
  let index = from;
  while (bytes[index] === 0x20 || (bytes[index]! >= 0x09 && bytes[index]! <= 0x0d)) index += 1;
  return index;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
