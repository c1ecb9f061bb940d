/** OTLP's JSON encoding of common values: ProtoJSON, but with hex ids and integer enums
 *  (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Unknown fields are ignored and null means "not set".
 *
 *  Read more widely than it may be written, because senders with a plain ProtoJSON encoder exist and their meaning is certain:
 *  names of enum values that the schema has, and ids in base64 of exactly the right length. */
import { type AnyValue, type AnyValueMap, int64Value, MAX_SHOWN_BYTES, MAX_VALUE_DEPTH } from "./any-value.ts";
import { undecodable } from "./decode-error.ts";
import { correlationId } from "./record-source.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** @param what names the field in the message of the error */
function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw undecodable(`${what} is not an object`);
  // every own field of a JSON object is of unknown type, which is what JsonObject says
  return value as JsonObject;
}

/** @returns the empty object when there is none */
export function optionalObject(value: unknown, what: string): JsonObject {
  return value === undefined || value === null ? {} : asObject(value, what);
}

/** @returns the empty list when there is none */
function asList(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw undecodable(`${what} is not a list`);
  return value;
}

/** @returns the empty text when there is none */
export function asText(value: unknown, what: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw undecodable(`${what} is not text`);
  return value;
}

export function asBoolean(value: unknown, what: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw undecodable(`${what} is not a boolean`);
  return value;
}

/** @returns NaN when there is none; numbers may be written as text, as ProtoJSON allows ("NaN", "Infinity", "1.5") */
export function asDouble(value: unknown, what: string): number {
  if (value === undefined || value === null) return Number.NaN;
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(value)) return Number(value);
  throw undecodable(`${what} is not a number`);
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** A 64-bit whole number, as text or as a number. */
export function asInt64(value: unknown, what: string): bigint {
  const isWhole = typeof value === "number" && Number.isInteger(value);
  if (isWhole || (typeof value === "string" && /^-?\d{1,20}$/.test(value))) {
    // the condition leaves text and whole numbers only
    const number = BigInt(value as string | number);
    if (number >= INT64_MIN && number <= INT64_MAX) return number;
  }
  throw undecodable(`${what} is not a 64-bit whole number`);
}

/** @returns 0 when there is none */
export function asCount(value: unknown, what: string): number {
  if (value === undefined || value === null) return 0;
  const isWhole = typeof value === "number" && Number.isInteger(value) && value >= 0;
  if (!isWhole && !(typeof value === "string" && /^\d{1,20}$/.test(value))) throw undecodable(`${what} is not a count`);
  return Number(value);
}

/** An enum's or a 32-bit field's number. @param names of its values in the schema @returns 0 when there is none */
export function asEnum(value: unknown, what: string, names: Readonly<Record<string, number>> = {}): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 0xffff_ffff) return value | 0;
  if (typeof value === "string" && Object.hasOwn(names, value)) return names[value]!;
  throw undecodable(`${what} is not one of its enum's integers`);
}

/** @param length hex digits of a proper id @returns lower-case hex; undefined when absent, zero or of another length
 *  @throws TelemetryDecodeError when it is not hex at all */
export function asId(value: unknown, what: string, length: 16 | 32): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") {
    if (/^[0-9a-fA-F]+$/.test(value)) return correlationId(value.toLowerCase(), length);
    const bytes = length / 2;
    if (value.length === Math.ceil(bytes / 3) * 4 && /^[A-Za-z0-9+/]+={0,2}$/.test(value)) {
      const text = atob(value);
      if (text.length === bytes) return correlationId(hexOf(text), length);
    }
  }
  throw undecodable(`${what} is not hexadecimal`);
}

function hexOf(binary: string): string {
  let hex = "";
  for (let index = 0; index < binary.length; index += 1) hex += binary.charCodeAt(index).toString(16).padStart(2, "0");
  return hex;
}

/** @returns null for an empty AnyValue, which is legal */
export function asAnyValue(value: unknown, depth = 0): AnyValue {
  if (depth > MAX_VALUE_DEPTH) throw undecodable("an attribute value is nested too deeply");
  const any = optionalObject(value, "an attribute value");
  if (isGiven(any.stringValue)) return asText(any.stringValue, "stringValue");
  if (isGiven(any.boolValue)) return asBoolean(any.boolValue, "boolValue");
  if (isGiven(any.intValue)) {
    const int = asInt64(any.intValue, "intValue");
    return int64Value(Number(BigInt.asUintN(32, int)), Number(BigInt.asUintN(32, int >> 32n)));
  }
  if (isGiven(any.doubleValue)) return asDouble(any.doubleValue, "doubleValue");
  if (isGiven(any.arrayValue)) {
    const { values } = asObject(any.arrayValue, "arrayValue");
    return asList(values, "arrayValue.values").map((part) => asAnyValue(part, depth + 1));
  }
  if (isGiven(any.kvlistValue)) {
    const map: AnyValueMap = new Map();
    readKeyValues(asObject(any.kvlistValue, "kvlistValue").values, map, depth + 1);
    return map;
  }
  if (isGiven(any.bytesValue)) return asBase64(any.bytesValue);
  return null;
}

/** Reads a list of KeyValue; the last of equal keys wins. */
export function readKeyValues(value: unknown, into: AnyValueMap, depth = 0): AnyValueMap {
  for (const entry of asList(value, "attributes")) {
    const pair = asObject(entry, "an attribute");
    into.set(asText(pair.key, "an attribute's key"), asAnyValue(pair.value, depth));
  }
  return into;
}

/** base64 of the bytes that are shown: a whole number of its groups of four */
const SHOWN_BASE64 = Math.ceil(MAX_SHOWN_BYTES / 3) * 4;

function asBase64(value: unknown): string {
  const text = withoutPadding(asText(value, "bytesValue"));
  if (!/^[A-Za-z0-9+/_-]*$/.test(text) || text.length % 4 === 1) throw undecodable("bytesValue is not base64");
  const shown = text.slice(0, SHOWN_BASE64).replaceAll("-", "+").replaceAll("_", "/");
  return btoa(atob(shown).slice(0, MAX_SHOWN_BYTES));
}

/** By hand: an expression that ends in `=+$` starts anew at each `=`, and a text of them would take hours. */
function withoutPadding(base64: string): string {
  let { length } = base64;
  while (length > 0 && base64[length - 1] === "=") length -= 1;
  return base64.slice(0, length);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
