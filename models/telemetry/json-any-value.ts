/** Attributes in JSON as values: `[{"key":"…","value":{"stringValue":"…"}}, …]`. Texts and whole numbers, which nearly all attributes are,
 *  are read where they stand when they are written as encoders write them. Everything else is built and given to the rules of
 *  json-values.ts, so there is one set of rules. */
import type { AnyValue, AnyValueMap } from "./any-value.ts";
import { LIST, OBJECT_END, QUOTE } from "./json-grammar.ts";
import type { JsonReader } from "./json-reader.ts";
import { asAnyValue, readKeyValues } from "./json-values.ts";
import { Literal } from "./literal.ts";

export const PAIR_OPENING = new Literal('{"key":"');
export const PAIR_MIDDLE = new Literal('","value":');
export const STRING_VALUE = new Literal('{"stringValue":"');
const INT_VALUE = new Literal('{"intValue":');
/** no whole number of so many digits passes 2^53 */
const MAX_SAFE_DIGITS = 15;

/** The attributes of the list at a position that was walked past. @param at negative: there is none */
export function attributesAt(reader: JsonReader, at: number): AnyValueMap {
  return reader.again(at, () => readPlainPairs(reader)) ?? readKeyValues(reader.valueAt(at), new Map());
}

/** The AnyValue at a position that was walked past. @param at negative: there is none */
export function anyValueAt(reader: JsonReader, at: number): AnyValue {
  return reader.again(at, () => readPlainValue(reader)) ?? asAnyValue(reader.valueAt(at));
}

/** @returns undefined when anything is written otherwise than expected */
function readPlainPairs(reader: JsonReader): AnyValueMap | undefined {
  const { words } = reader;
  const attributes: AnyValueMap = new Map();
  if (reader.peek() !== LIST) return undefined;
  for (let more = reader.open(LIST); more; more = reader.more(LIST)) {
    if (!PAIR_OPENING.isAt(words, reader.pos)) return undefined;
    reader.pos += PAIR_OPENING.length - 1;
    reader.text();
    if (reader.isEscaped || !PAIR_MIDDLE.isAt(words, reader.textEnd)) return undefined;
    const key = reader.string();
    reader.pos = reader.textEnd + PAIR_MIDDLE.length;
    const value = readPlainValue(reader);
    if (value === undefined || reader.bytes[reader.pos] !== OBJECT_END) return undefined;
    reader.pos += 1;
    attributes.set(key, value);
  }
  return attributes;
}

/** @returns undefined when it is neither a text nor a whole number, or is written otherwise than expected */
function readPlainValue(reader: JsonReader): string | number | undefined {
  const { bytes, words } = reader;
  let value: string | number | undefined;
  if (STRING_VALUE.isAt(words, reader.pos)) {
    reader.pos += STRING_VALUE.length - 1;
    reader.text();
    value = reader.string();
  } else if (INT_VALUE.isAt(words, reader.pos)) {
    reader.pos += INT_VALUE.length;
    const isText = bytes[reader.pos] === QUOTE;
    if (isText) reader.pos += 1;
    value = readPlainInt(reader);
    if (isText) reader.pos += 1;
  }
  if (value === undefined || bytes[reader.pos] !== OBJECT_END) return undefined;
  reader.pos += 1;
  return value;
}

/** @returns undefined when it is not a positive whole number that a double holds */
function readPlainInt(reader: JsonReader): number | undefined {
  const { bytes, pos } = reader;
  const first = bytes[pos]! - 0x30;
  if (!(first >= 1 && first <= 9)) return undefined;
  let value = first;
  let end = pos + 1;
  for (; end < pos + MAX_SAFE_DIGITS; end += 1) {
    const digit = bytes[end]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  reader.pos = end;
  return value;
}
