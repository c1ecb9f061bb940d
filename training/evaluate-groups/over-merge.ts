/** How often errors that are not one problem get one fingerprint, counted over all pairs instead of a sample of them. */
import type { TracedIssue } from "../../datasets/errors/duplicate-issues.ts";
import type { GroupsReport, OverMerge } from "./groups-report.ts";

export function countOverMerge(
  issues: readonly TracedIssue[],
  groups: readonly (readonly string[])[],
  fingerprints: readonly string[],
): GroupsReport["overMerge"] {
  const groupOf = new Map(
    groups.flatMap((keys, group) => keys.map((key): [string, string] => [key, `group ${group}`])),
  );
  const rows = issues.map(({ key, project }, index) => ({
    project,
    group: groupOf.get(key) ?? key,
    isGrouped: groupOf.has(key),
    fingerprint: fingerprints[index]!,
  }));
  return { allIssues: countPairs(rows), groupedIssues: countPairs(rows.filter(({ isGrouped }) => isGrouped)) };
}

type Row = { project: string; group: string; fingerprint: string };

function countPairs(rows: readonly Row[]): OverMerge {
  const pairsBy = (key: (row: Row) => string): number => {
    const counts = new Map<string, number>();
    for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  };
  const joined = (...parts: string[]): string => parts.join("\n");
  const pairs = pairsBy((row) => row.project) - pairsBy((row) => joined(row.project, row.group));
  const merged =
    pairsBy((row) => joined(row.project, row.fingerprint)) -
    pairsBy((row) => joined(row.project, row.fingerprint, row.group));
  return { pairs, merged, share: merged / pairs };
}

/** Of the groups with several issues in one project, those whose issues of that project all have one fingerprint. */
export function countWholeGroups(
  issues: readonly TracedIssue[],
  groups: readonly (readonly string[])[],
  fingerprints: readonly string[],
): GroupsReport["wholeGroups"] {
  const rowOf = new Map(issues.map(({ key, project }, index) => [key, { project, fingerprint: fingerprints[index]! }]));
  let counted = 0;
  let whole = 0;
  for (const keys of groups) {
    const byProject = new Map<string, string[]>();
    for (const key of keys) {
      const row = rowOf.get(key);
      if (row !== undefined) byProject.set(row.project, [...(byProject.get(row.project) ?? []), row.fingerprint]);
    }
    for (const own of byProject.values()) {
      if (own.length < 2) continue;
      counted++;
      if (new Set(own).size === 1) whole++;
    }
  }
  return { groups: counted, whole };
}
