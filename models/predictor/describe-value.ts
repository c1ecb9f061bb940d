/** Feature values as an operator reads them. */
import type { FeatureDefinition } from "../features/feature-spec.ts";

/** @param value null = missing   @param windowSizeMs turns `{window}` into time */
export function describeValue(value: number | null, definition: FeatureDefinition, windowSizeMs: number): string {
  if (value === null) return "unknown";
  if (definition.unit === "{window}") return describeDuration(value * windowSizeMs);
  if (definition.unit === "ms") return describeDuration(value);
  const number = threeDigits(value);
  if (definition.unit === "1") return number;
  return `${number} ${definition.unit.replace(/[{}]/g, "")}${value === 1 ? "" : "s"}`;
}

/** @param durationMs >= 0   @example describeDuration(5_400_000) // "90 min" */
export function describeDuration(durationMs: number): string {
  if (durationMs < 1000) return `${threeDigits(durationMs)} ms`;
  if (durationMs < 120_000) return `${threeDigits(durationMs / 1000)} s`;
  if (durationMs < 7_200_000) return `${threeDigits(durationMs / 60_000)} min`;
  if (durationMs < 172_800_000) return `${threeDigits(durationMs / 3_600_000)} h`;
  return `${threeDigits(durationMs / 86_400_000)} d`;
}

function threeDigits(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toString() : String(Number(value.toPrecision(3)));
}
