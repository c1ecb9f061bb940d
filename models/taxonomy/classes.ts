/** Error classes, taxonomy v1. The class answers "what would the on-call person do about it?" and is that of the root
 *  failure which the record shows, not of its wrapper. Order is part of the taxonomy version: models index into it. */
export const TAXONOMY_VERSION = 1;

export const ERROR_CLASSES = [
  "timeout",
  "connectivity",
  "dependency_unavailable",
  "rate_limited",
  "access_denied",
  "invalid_input",
  "not_found",
  "conflict",
  "resource_exhausted",
  "data_integrity",
  "configuration",
  "serialization",
  "code_defect",
  "crash",
] as const;

export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** What a classification answers: a class, or `unknown` when it abstains. `unknown` is not a class. */
export type ErrorVerdict = ErrorClass | "unknown";

export function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === "string" && (ERROR_CLASSES as readonly string[]).includes(value);
}
