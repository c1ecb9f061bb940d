/** JSON's small parts over bytes (RFC 8259): each function gets the position where a part begins and gives the one where it ends.
 *
 *  Bytes outside the array read as undefined, which is no byte that JSON may have in any place. Loops look at the length all the
 *  same: code that has once read outside an array is slower ever after. */
import { type TelemetryDecodeError, undecodable } from "./decode-error.ts";
import { Literal } from "./literal.ts";

export const OBJECT = 0x7b;
export const LIST = 0x5b;
export const QUOTE = 0x22;
export const SPACE = 0x20;
export const OBJECT_END = 0x7d;
export const LIST_END = 0x5d;
export const COMMA = 0x2c;
const MINUS = 0x2d;
export const COLON = 0x3a;
const BACKSLASH = 0x5c;
export const NULL = 0x6e;

/** by byte: 1 when it stands for itself within a text */
export const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;
/** by byte: 1 when it is white space */
const IS_SPACE = new Uint8Array(256);
for (const space of " \n\r\t") IS_SPACE[space.charCodeAt(0)] = 1;
/** by byte: 1 when it may follow a backslash; `u` has digits of its own */
const ESCAPED = new Uint8Array(256);
for (const escaped of '"\\/bfnrt') ESCAPED[escaped.charCodeAt(0)] = 1;
const LETTER_U = 0x75;

export function pastSpace(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  let pos = start;
  while (pos < length && IS_SPACE[bytes[pos]!] === 1) pos += 1;
  return pos;
}

/** Past one certain byte. */
export function pastByte(bytes: Uint8Array, start: number, expected: number): number {
  if (bytes[start] === expected) return start + 1;
  const pos = pastSpace(bytes, start);
  if (bytes[pos] !== expected) throw notJson();
  return pos + 1;
}

export function pastEscape(bytes: Uint8Array, start: number): number {
  const escaped = bytes[start + 1]!;
  if (bytes[start] !== BACKSLASH) throw notJson();
  if (ESCAPED[escaped] === 1) return start + 2;
  if (escaped !== LETTER_U) throw notJson();
  for (let index = 2; index < 6; index += 1) {
    if (!isHexDigit(bytes[start + index]!)) throw notJson();
  }
  return start + 6;
}

const WORDS = [
  { text: new Literal("true"), value: true },
  { text: new Literal("false"), value: false },
  { text: new Literal("null"), value: null },
];

export function wordOf(first: number): (typeof WORDS)[number] | undefined {
  return WORDS.find(({ text }) => text.firstByte === first);
}

/** Past a number, true, false or null. */
export function pastBare(bytes: Uint8Array, words: DataView, start: number): number {
  const first = bytes[start]!;
  if (first === MINUS || isDigit(first)) return pastNumber(bytes, start);
  const word = wordOf(first);
  if (word === undefined || !word.text.isAt(words, start)) throw notJson();
  return start + word.text.length;
}

function pastNumber(bytes: Uint8Array, start: number): number {
  let pos = bytes[start] === MINUS ? start + 1 : start;
  if (bytes[pos] === 0x30) pos += 1;
  else pos = pastDigits(bytes, pos);
  if (bytes[pos] === 0x2e) pos = pastDigits(bytes, pos + 1);
  // e or E
  if ((bytes[pos]! | 0x20) === 0x65) {
    const sign = bytes[pos + 1];
    pos = pastDigits(bytes, sign === 0x2b || sign === MINUS ? pos + 2 : pos + 1);
  }
  return pos;
}

/** @returns the position after one digit or more */
function pastDigits(bytes: Uint8Array, start: number): number {
  let pos = start;
  while (isDigit(bytes[pos]!)) pos += 1;
  if (pos === start) throw notJson();
  return pos;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

/** The parser's own message would quote the body, which must not reach an answer or a log. */
export function notJson(): TelemetryDecodeError {
  return undecodable("the body is not JSON");
}
