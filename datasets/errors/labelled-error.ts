/** Labelled errors in the format of faultlab.jsonl: one JSON object a line. `class` is right, and so is each of `also`. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import type { AttributeValue, ErrorRecord } from "../../models/telemetry/records.ts";

const attributeSchema = z.union([z.string(), z.number(), z.boolean()]);

const labelledErrorSchema = z.object({
  id: z.string(),
  /** errors of one family share their cause; splits never cut through a family */
  family: z.string(),
  runtime: z.string().default("unknown"),
  kind: z.enum(["exception", "log"]),
  severity_text: z.string().nullish(),
  exception_type: z.string().nullish(),
  message: z.string().nullish(),
  stacktrace: z.string().nullish(),
  attributes: z.record(z.string(), z.unknown()).default({}),
  resource: z.record(z.string(), z.unknown()).default({}),
  class: z.enum(ERROR_CLASSES),
  also: z.array(z.enum(ERROR_CLASSES)).default([]),
  hard: z.boolean().default(false),
});

export type LabelledError = z.infer<typeof labelledErrorSchema>;

/** @param path a file of one JSON object a line
 *  @throws RangeError naming the file, and the line that is not a labelled error and why */
export async function loadLabelledErrors(path: string): Promise<LabelledError[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new RangeError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  });
  const rows: LabelledError[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    rows.push(parseLine(line, `${path}:${index + 1}`));
  }
  return rows;
}

function parseLine(line: string, place: string): LabelledError {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new RangeError(`${place} is not JSON`, { cause });
  }
  const result = labelledErrorSchema.safeParse(value);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(({ path, message }) => `${path.join(".") || "the line"}: ${message}`);
  throw new RangeError(`${place} is not a labelled error: ${reasons.join("; ")}`);
}

/** The record as the receiver would have made it: a log's text is its body, an exception's its exception fields. */
export function toErrorRecord(row: LabelledError): ErrorRecord {
  const language = row.resource["telemetry.sdk.language"];
  const isLog = row.kind === "log";
  return {
    service: { namespace: "", name: String(row.resource["service.name"] ?? ""), environment: "" },
    timeMs: 0,
    source: isLog ? "log" : "span_event",
    ...(row.exception_type == null ? {} : { exceptionType: row.exception_type }),
    ...(row.message == null
      ? {}
      : isLog && row.exception_type == null
        ? { body: row.message }
        : { exceptionMessage: row.message }),
    ...(row.stacktrace == null ? {} : { stacktrace: row.stacktrace }),
    ...(row.severity_text == null ? {} : { severityText: row.severity_text }),
    ...(typeof language === "string" ? { language } : {}),
    attributes: scalarAttributes(row.attributes),
  };
}

function scalarAttributes(attributes: Record<string, unknown>): Record<string, AttributeValue> {
  const kept: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const scalar = attributeSchema.safeParse(value);
    if (scalar.success) kept[name] = scalar.data;
  }
  return kept;
}

const HELD_OUT_SALT = "harbinger-holdout-1:";

/** A fixed third of all families, by hash of the name: nothing is tuned or fitted on them before the shipped model's last fit. */
export function isHeldOutFamily(family: string): boolean {
  return stableHash(HELD_OUT_SALT + family) % 3 === 0;
}

/** FNV-1a with the finaliser of MurmurHash3; of its own, so that the split outlives any change of the encoder's hash. */
function stableHash(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
  hash = Math.imul((hash ^ (hash >>> 16)) >>> 0, 2246822507) >>> 0;
  hash = Math.imul((hash ^ (hash >>> 13)) >>> 0, 3266489909) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}
