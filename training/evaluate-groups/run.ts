/** `npm run evaluate -- groups [TRACES GROUPS] [--json OUT] [--seed 1]`: does the service find the earlier report of the same problem?
 *  Asked is each issue of a group but its oldest, among all earlier issues of its project, by its first trace, without line numbers. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type DuplicateIssues, loadDuplicateIssues, toErrorRecord } from "../../datasets/errors/duplicate-issues.ts";
import { identifyError } from "../../models/classifier/fingerprint.ts";
import { readError } from "../../models/classifier/read-error.ts";
import { findRecord } from "../evaluate/find-record.ts";
import { createRandom } from "../random.ts";
import type { GroupsReport, MethodScore } from "./groups-report.ts";
import { countOverMerge, countWholeGroups } from "./over-merge.ts";
import { printReport } from "./print-report.ts";
import { type DuplicateQuery, duplicateQueries, rankOfMember, scoreRanks } from "./rank-duplicates.ts";
import { fingerprintScorers, type Scorer, similarityScorers, tfidfScorers } from "./similarity-scores.ts";

const USAGE = "usage: npm run evaluate -- groups [TRACES.jsonl GROUPS.json] [--json OUT] [--seed 1]";

/** @param dataFolder where the public data is
 *  @throws RangeError for a wrong command line or a file that is nowhere */
export async function runGroupsEvaluation(args: string[], dataFolder: string): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "string" }, seed: { type: "string", default: "1" } },
  });
  const seed = Number(values.seed);
  if ((positionals.length !== 0 && positionals.length !== 2) || !Number.isSafeInteger(seed))
    throw new RangeError(USAGE);
  const find = (name: string) => findRecord(name, dataFolder, ["errors"]);
  const [traces, groups] = [
    find(positionals[0] ?? "java-traces.jsonl"),
    find(positionals[1] ?? "java-duplicate-groups.json"),
  ];
  const report = evaluateGroups(await loadDuplicateIssues(traces, groups), { traces, groups, seed });
  console.log(printReport(report));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

export function evaluateGroups(
  { issues, groups, unreadable }: DuplicateIssues,
  { seed, ...names }: { traces: string; groups: string; seed: number },
): GroupsReport {
  const errors = issues.map((issue) => readError(toErrorRecord(issue)));
  const fingerprints = errors.map((error) => identifyError(error).fingerprint);
  // As printed, without the position in the file; the causes' headers among them are no frames.
  const frames = issues.map(({ traces }) =>
    traces[0]!.frames.filter((frame) => !frame.startsWith("CAUSED ")).map((frame) => frame.split("(", 1)[0]!),
  );
  const queries = duplicateQueries(issues, groups);
  const choosing = new Set(
    createRandom(seed)
      .permutation(groups.length)
      .slice(0, groups.length >> 1),
  );
  const score = (scorers: readonly Scorer[]): MethodScore => scoreMethod(queries, scorers, choosing);
  return {
    ...names,
    issues: issues.length,
    unreadable,
    seed,
    methods: {
      similarity: score(similarityScorers(errors, queries, { sameType: false })),
      "similarity, same type only": score(similarityScorers(errors, queries, { sameType: true })),
      "TF-IDF over frames": score(tfidfScorers(frames, queries)),
      fingerprint: score(fingerprintScorers(fingerprints, queries)),
    },
    overMerge: countOverMerge(issues, groups, fingerprints),
    wholeGroups: countWholeGroups(issues, groups, fingerprints),
  };
}

function scoreMethod(
  queries: readonly DuplicateQuery[],
  scorers: readonly Scorer[],
  choosing: ReadonlySet<number>,
): MethodScore {
  const ranked = queries.map((query, at) => ({ group: query.group, rank: rankOfMember(query, scorers[at]!) }));
  const of = (keep: (group: number) => boolean) =>
    scoreRanks(ranked.filter(({ group }) => keep(group)).map(({ rank }) => rank));
  return {
    all: of(() => true),
    choosing: of((group) => choosing.has(group)),
    other: of((group) => !choosing.has(group)),
  };
}
