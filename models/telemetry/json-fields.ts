/** Reads the fields that every record has, quickly where they are written as encoders write them. Anything else is built and given to
 *  the rules of json-values.ts, so there is one set of rules. */
import { QUOTE } from "./json-grammar.ts";
import type { JsonReader } from "./json-reader.ts";
import { asEnum, asId } from "./json-values.ts";
import { setFromJson, type UnixNano } from "./unix-nano.ts";

/** of nanoseconds between 2001 and 2286; 19 digits never pass 2^64 */
const DIGITS = 19;
/** those before the nanoseconds within a millisecond */
const MS_DIGITS = DIGITS - 6;

/** Reads a fixed64 time. */
export function readTime(reader: JsonReader, target: UnixNano): void {
  const { bytes } = reader;
  if (reader.peek() === QUOTE && bytes[reader.pos + 1 + DIGITS] === QUOTE) {
    const start = reader.pos + 1;
    const ms = decimal(bytes, start, start + MS_DIGITS);
    const nanos = decimal(bytes, start + MS_DIGITS, start + DIGITS);
    if (ms >= 0 && nanos >= 0) {
      target.ms = ms;
      target.nanos = nanos;
      reader.pos = start + DIGITS + 1;
      return;
    }
  }
  setFromJson(target, reader.value());
}

/** @returns the number that the digits in [start, end) mean; -1 when there is something else among them */
function decimal(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let index = start; index < end; index += 1) {
    const digit = bytes[index]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** Reads an enum's integer. @param names as for {@link asEnum} */
export function readEnum(reader: JsonReader, what: string, names?: Readonly<Record<string, number>>): number {
  const digit = reader.peek() - 0x30;
  if (digit >= 0 && digit <= 9 && isEnd(reader.bytes[reader.pos + 1])) {
    reader.pos += 1;
    return digit;
  }
  return asEnum(reader.value(), what, names);
}

/** What follows a value in an object that was written without white space. */
function isEnd(byte: number | undefined): boolean {
  return byte === 0x2c || byte === 0x7d;
}

/** Walks past a trace or span id. @param length as for {@link asId} @throws where it does */
export function checkId(reader: JsonReader, what: string, length: 16 | 32): void {
  if (reader.peek() !== QUOTE) {
    asId(reader.value(), what, length);
    return;
  }
  const { bytes } = reader;
  let end = reader.pos + 1;
  while (end < bytes.length && HEX_DIGIT[bytes[end]!] === 1) end += 1;
  if (bytes[end] === QUOTE) reader.pos = end + 1;
  else asId(reader.value(), what, length);
}

/** by byte */
const HEX_DIGIT = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") HEX_DIGIT[digit.charCodeAt(0)] = 1;
