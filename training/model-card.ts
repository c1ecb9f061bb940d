/** The text that stands beside a version in the registry, for whoever decides about it. */
import type { Candidate } from "./candidate.ts";
import type { GateVerdict } from "./gate/gate.ts";

/** @returns Markdown */
export function writeModelCard(name: string, candidate: Candidate, verdict: GateVerdict, createdAtMs: number): string {
  const rules = verdict.rules.map((rule) => `| ${rule.rule} | ${rule.passed ? "met" : "not met"} | ${rule.sentence} |`);
  return [
    `# ${name}`,
    `Made ${new Date(createdAtMs).toISOString()} from dataset \`${candidate.datasetHash}\`.`,
    ...candidate.notes,
    `## Gate: ${verdict.passed ? "passed" : "rejected"}`,
    `${verdict.reason}.`,
    ["| rule | | |", "|---|---|---|", ...rules].join("\n"),
    "## Numbers",
    `\`\`\`json\n${JSON.stringify(candidate.metrics, null, 2)}\n\`\`\``,
    "",
  ].join("\n\n");
}
