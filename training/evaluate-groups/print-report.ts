/** The report as text for a terminal. */
import type { GroupsReport, OverMerge } from "./groups-report.ts";
import type { RankScore } from "./rank-duplicates.ts";

const SLICES = [
  ["all", "all groups"],
  ["choosing", "half of the groups for choosing"],
  ["other", "the other half"],
] as const;

export function printReport(report: GroupsReport): string {
  const { methods, overMerge, wholeGroups, unreadable } = report;
  const lines = [`duplicates: ${report.issues} issues of ${report.traces}, groups of ${report.groups}`];
  if (unreadable.length > 0) lines.push(`left out, not an issue: line ${unreadable.join(", ")}`);
  for (const [slice, title] of SLICES) {
    lines.push("", columns([title, "queries", "recall@1", "@5", "@10", "MRR"]));
    for (const [name, score] of Object.entries(methods)) lines.push(rankLine(name, score[slice]));
  }
  lines.push(
    "",
    `over-merge: ${overMergeLine(overMerge.allIssues)}; of issues in groups: ${overMergeLine(overMerge.groupedIssues)}`,
    `groups that are whole under one fingerprint: ${wholeGroups.whole} of ${wholeGroups.groups}`,
  );
  return lines.join("\n");
}

function rankLine(name: string, score: RankScore): string {
  const { queries, recallAt1, recallAt5, recallAt10, meanReciprocalRank } = score;
  return columns([
    name,
    String(queries),
    ...[recallAt1, recallAt5, recallAt10, meanReciprocalRank].map((value) => value.toFixed(3)),
  ]);
}

function overMergeLine({ pairs, merged, share }: OverMerge): string {
  return `${merged} of ${pairs} pairs share a fingerprint (${(share * 100).toPrecision(2)} %)`;
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(9))).join(" ");
}
