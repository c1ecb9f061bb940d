/** Parsers from an environment variable's text to a value with a unit. Every one is a zod schema, so that a bad setting is an
 *  issue with a sentence and never a NaN. */
import { z } from "zod";
import { Secret } from "./secret.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const KIB = 1024;
const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };
const BYTE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kib: KIB,
  mib: MIB,
  gib: GIB,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
};

export interface Bounds {
  min?: number;
  max?: number;
}

/** Milliseconds from `500ms`, `60s`, `5m`, `1h`, `30d`. @param bounds in ms, inclusive */
export function duration(bounds: Bounds = {}): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text);
    const unit = DURATION_UNITS_MS[match?.[2] ?? ""];
    if (match === null || unit === undefined) {
      return refuse(context, "is not a duration such as 500ms, 60s, 5m, 1h or 30d");
    }
    return within(context, Math.round(Number(match[1]) * unit), bounds, formatDuration);
  });
}

/** Bytes from `1048576`, `64MiB`, `10MB`. @param bounds in bytes, inclusive */
export function byteSize(bounds: Bounds = {}): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text);
    const unit = BYTE_UNITS[(match?.[2] || "b").toLowerCase()];
    if (match === null || unit === undefined) return refuse(context, "is not a size such as 1048576, 64MiB or 10MB");
    return within(context, Math.round(Number(match[1]) * unit), bounds, formatBytes);
  });
}

export function integer(bounds: Bounds = {}): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    if (!/^-?\d{1,15}$/.test(text)) return refuse(context, "is not a whole number");
    return within(context, Number(text), bounds, String);
  });
}

/** A share in (0, 1]. */
export function ratio(): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
    return value > 0 && value <= 1 ? value : refuse(context, "is not a number above 0 and at most 1");
  });
}

export const port = (): z.ZodType<number, string> => integer({ min: 0, max: 65_535 });

/** A port, or `off`. @returns null for off */
export const portOrOff = (): z.ZodType<number | null, string> =>
  z.string().transform((value, context) => {
    if (value.toLowerCase() === "off") return null;
    const result = port().safeParse(value);
    return result.success ? result.data : refuse(context, "is neither a port from 0 to 65535 nor `off`");
  });

/** `on` or `off`. */
export const onOrOff = (): z.ZodType<boolean, string> =>
  z
    .string()
    .transform((value) => value.toLowerCase())
    .pipe(z.enum(["on", "off"], { error: "is neither on nor off" }))
    .transform((value) => value === "on");

export function text(): z.ZodType<string, string> {
  return z.string().min(1);
}

export function url(protocols: readonly string[]): z.ZodType<string, string> {
  return z.string().transform((value, context) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    // The value itself stays out of the message: database URLs carry passwords.
    if (parsed === undefined || !protocols.includes(parsed.protocol)) {
      return refuse(context, `is not a URL that starts with ${protocols.map((name) => `${name}//`).join(" or ")}`);
    }
    return value;
  });
}

export function secret(inner: z.ZodType<string, string> = text()): z.ZodType<Secret, string> {
  return inner.transform((value) => new Secret(value));
}

/** Comma-separated items; blanks around items are dropped, repeated items kept once. */
export function csv<T>(item: z.ZodType<T, string>): z.ZodType<T[], string> {
  return z
    .string()
    .transform((value) => [
      ...new Set(
        value
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
      ),
    ])
    .pipe(z.array(item));
}

export function formatDuration(ms: number): string {
  for (const [unit, size] of Object.entries(DURATION_UNITS_MS).reverse()) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

export function formatBytes(bytes: number): string {
  if (bytes >= GIB && bytes % GIB === 0) return `${bytes / GIB}GiB`;
  if (bytes >= MIB && bytes % MIB === 0) return `${bytes / MIB}MiB`;
  if (bytes >= KIB && bytes % KIB === 0) return `${bytes / KIB}KiB`;
  return String(bytes);
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

function within(context: z.RefinementCtx, value: number, bounds: Bounds, format: (value: number) => string): number {
  if (bounds.min !== undefined && value < bounds.min) return refuse(context, `is below ${format(bounds.min)}`);
  if (bounds.max !== undefined && value > bounds.max) return refuse(context, `is above ${format(bounds.max)}`);
  return value;
}
