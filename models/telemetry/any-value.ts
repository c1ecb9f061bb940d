/** OTLP's AnyValue as plain JSON values. Whole 64-bit numbers beyond ±2^53 are decimal text, bytes are base64 text. */
export type AnyValue = string | number | boolean | null | AnyValue[] | AnyValueMap;

/** A Map, so that no key (`__proto__`, `constructor`) means anything. */
export type AnyValueMap = Map<string, AnyValue>;

/** An attribute value may nest this deep; generated decoders stop at 100. */
export const MAX_VALUE_DEPTH = 32;

/** Long byte strings are data, not something an operator reads: their first bytes do. */
export const MAX_SHOWN_BYTES = 1024;

/** @param lo @param hi words of a two's complement 64-bit number */
export function int64Value(lo: number, hi: number): number | string {
  const signedHi = hi | 0;
  // strictly inside ±2^53
  if (signedHi >= -0x20_0000 + 1 && signedHi < 0x20_0000) return signedHi * 4_294_967_296 + lo;
  const value = (BigInt(signedHi) << 32n) | BigInt(lo);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** As a person would read it: text as it is, everything structured as JSON. */
export function valueText(value: AnyValue): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "object")
    return JSON.stringify(value, (_key, part) => (part instanceof Map ? entries(part) : nonFinite(part)));
  return String(value);
}

export function textOf(value: AnyValue | undefined): string | undefined {
  return value === undefined || value === null ? undefined : valueText(value);
}

function entries(map: AnyValueMap): object {
  // a null prototype takes every key as data
  const object: Record<string, AnyValue> = Object.create(null);
  for (const [key, value] of map) object[key] = value;
  return object;
}

function nonFinite(part: unknown): unknown {
  return typeof part === "number" && !Number.isFinite(part) ? String(part) : part;
}

/** @returns undefined when there is no value or it is empty or structured */
export function scalarText(value: AnyValue | undefined): string | undefined {
  if (value === undefined || value === null || value === "" || typeof value === "object") return undefined;
  return String(value);
}

/** @returns 0 when there is no number */
export function scalarNumber(value: AnyValue | undefined): number {
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : 0;
  return Number.isFinite(number) ? number : 0;
}
