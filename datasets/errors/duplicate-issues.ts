/** Issues with stack traces, and which of them their maintainers linked as duplicates: `java-traces.jsonl` (one issue a line, its traces as
 *  a head and frames, a cause's header among the frames as `CAUSED Caused by: …`) and `java-duplicate-groups.json` (lists of keys). */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { ErrorRecord } from "../../models/telemetry/records.ts";

const issueSchema = z.object({
  key: z.string(),
  project: z.string(),
  created: z.string(),
  traces: z.array(z.object({ head: z.string(), frames: z.array(z.string()) })).min(1),
});

export type TracedIssue = z.infer<typeof issueSchema>;

export interface DuplicateIssues {
  /** oldest first */
  issues: TracedIssue[];
  /** keys of issues that are one problem, at least two each */
  groups: string[][];
  /** lines that are no issue, by number: they are left out */
  unreadable: number[];
}

/** @throws when a file cannot be read, or the groups are not lists of keys */
export async function loadDuplicateIssues(tracesPath: string, groupsPath: string): Promise<DuplicateIssues> {
  const groups = z.array(z.array(z.string()).min(2)).parse(JSON.parse(await readFile(groupsPath, "utf8")));
  const issues: TracedIssue[] = [];
  const unreadable: number[] = [];
  for (const [index, line] of (await readFile(tracesPath, "utf8")).split("\n").entries()) {
    if (line.trim() === "") continue;
    const issue = readLine(line);
    if (issue === null) unreadable.push(index + 1);
    else issues.push(issue);
  }
  issues.sort((a, b) => compare(a.created, b.created) || compare(a.key, b.key));
  return { issues, groups, unreadable };
}

/** The issue's first trace, as the service would have sent it. */
export function toErrorRecord({ project, traces }: TracedIssue): ErrorRecord {
  const { head, frames } = traces[0]!;
  const lines = frames.map((frame) => (frame.startsWith(CAUSED) ? frame.slice(CAUSED.length) : `\tat ${frame}`));
  return {
    service: { namespace: "", name: project, environment: "" },
    timeMs: 0,
    source: "span_event",
    attributes: {},
    stacktrace: [head, ...lines].join("\n"),
    language: "java",
  };
}

const CAUSED = "CAUSED ";

function readLine(line: string): TracedIssue | null {
  try {
    return issueSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
