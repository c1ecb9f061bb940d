/** Errors with labels that are not ours: status codes, families of exceptions. The same encoder, rules and memory are put to them, to see how
 *  fast a classifier that knows nothing of a project follows its operators. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ErrorRecord } from "../../models/telemetry/records.ts";

export interface LabelledText {
  label: string;
  /** what its errors have in common beyond their words: a repository, a project */
  origin: string;
  record: ErrorRecord;
  /** ISO 8601; null when not known */
  created: string | null;
}

export interface LabelSet {
  rows: LabelledText[];
  /** sorted */
  labels: string[];
  /** lines that are not JSON */
  unreadable: number;
}

const statusSchema = z.object({ text: z.string(), code: z.string(), repo: z.string() });
const familySchema = z.object({
  project: z.string(),
  created: z.string(),
  label: z.string(),
  message: z.string().nullable(),
  frames: z.array(z.string()),
});

/** Reads `{text, code, repo}` or `{project, created, label, message, frames}`, one JSON object a line. Public data has lines that are not
 *  JSON; they are counted and left out.
 *  @throws RangeError naming the line that is JSON of another shape */
export async function loadLabelSet(path: string): Promise<LabelSet> {
  const rows: LabelledText[] = [];
  let unreadable = 0;
  for (const [index, line] of (await readFile(path, "utf8")).split("\n").entries()) {
    if (line.trim() === "") continue;
    const value = parseJson(line);
    if (value === undefined) unreadable++;
    else rows.push(toRow(value, `${path}:${index + 1}`));
  }
  if (rows.length === 0) throw new RangeError(`${path} holds no labelled texts`);
  return { rows, labels: [...new Set(rows.map(({ label }) => label))].sort(), unreadable };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function toRow(value: unknown, place: string): LabelledText {
  const status = statusSchema.safeParse(value);
  if (status.success) {
    const { text, code, repo } = status.data;
    return { label: code, origin: repo, record: { ...bare(repo), body: text }, created: null };
  }
  const family = familySchema.safeParse(value);
  if (!family.success) throw new RangeError(`${place} is neither {text, code, repo} nor {label, message, frames, …}`);
  const { label, project, created, message, frames } = family.data;
  const stacktrace = [`${MASKED_TYPE}: ${message ?? ""}`, ...frames.map((frame) => `\tat ${frame}`)].join("\n");
  return { label, origin: project, created, record: { ...bare(project), exceptionMessage: message ?? "", stacktrace } };
}

/** The set masks types; a header of some type makes the text a trace that can be read. */
const MASKED_TYPE = "masked.Type";

function bare(service: string): ErrorRecord {
  return { service: { namespace: "", name: service, environment: "" }, timeMs: 0, source: "log", attributes: {} };
}
