import { describe, expect, it } from "vitest";
import { type TracedIssue, toErrorRecord } from "../../../datasets/errors/duplicate-issues.ts";
import { countOverMerge, countWholeGroups } from "../../../training/evaluate-groups/over-merge.ts";
import { duplicateQueries, rankOfMember, scoreRanks } from "../../../training/evaluate-groups/rank-duplicates.ts";
import { evaluateGroups } from "../../../training/evaluate-groups/run.ts";

const issue = (key: string, day: number, project = "A", frames = ["a.B.c(B.java:1)"]): TracedIssue => ({
  key,
  project,
  created: `2026-01-${String(day).padStart(2, "0")}`,
  traces: [{ head: `java.lang.Error: ${key}`, frames }],
});

describe("queries for duplicates", () => {
  const issues = [issue("1", 1), issue("2", 2, "B"), issue("3", 3), issue("4", 4), issue("5", 4)];

  it("ask each issue of a group but its oldest, among earlier ones of its project", () => {
    const queries = duplicateQueries(issues, [
      ["4", "1", "absent"],
      ["2", "3"],
    ]);
    // 3 has no earlier member in its own project.
    expect(queries).toEqual([{ issue: 3, members: new Set([0]), candidates: [0, 2], group: 0 }]);
  });

  it("rank the best placed member, those who tie with it halved", () => {
    const query = { issue: 9, members: new Set([1, 2]), candidates: [0, 1, 2, 3, 4], group: 0 };
    const scores = [0.9, 0.5, 0.1, 0.5, 0.2];
    expect(rankOfMember(query, (candidate) => scores[candidate]!)).toBe(2.5);
    expect(rankOfMember(query, () => 0)).toBe(2.5);
  });

  it("are scored by recall and reciprocal rank", () => {
    expect(scoreRanks([1, 1.5, 8, 100])).toEqual({
      queries: 4,
      recallAt1: 0.25,
      recallAt5: 0.5,
      recallAt10: 0.75,
      meanReciprocalRank: (1 + 1 / 1.5 + 1 / 8 + 1 / 100) / 4,
    });
  });
});

describe("over-merging", () => {
  const issues = [issue("1", 1), issue("2", 2), issue("3", 3), issue("4", 4), issue("5", 5, "B")];

  it("is the share of pairs of one project and different groups that have one fingerprint", () => {
    const { allIssues, groupedIssues } = countOverMerge(issues, [["1", "2"]], ["x", "x", "x", "y", "x"]);
    // Pairs of A without the pair (1, 2); 1-3 and 2-3 share x.
    expect(allIssues).toEqual({ pairs: 5, merged: 2, share: 0.4 });
    expect(groupedIssues).toMatchObject({ pairs: 0, merged: 0 });
  });

  it("counts groups that one fingerprint keeps whole", () => {
    expect(
      countWholeGroups(
        issues,
        [
          ["1", "2"],
          ["3", "4"],
          ["5", "1"],
        ],
        ["x", "x", "x", "y", "x"],
      ),
    ).toEqual({
      groups: 2,
      whole: 1,
    });
  });
});

describe("the evaluation of groups", () => {
  it("reads heads, frames and causes as the runtime printed them", () => {
    const [traces] = [{ head: "a.E: x", frames: ["a.B.c(B.java:1)", "CAUSED Caused by: a.F: y", "a.D.e(D.java:2)"] }];
    expect(toErrorRecord({ ...issue("1", 1), traces: [traces!] }).stacktrace).toBe(
      "a.E: x\n\tat a.B.c(B.java:1)\nCaused by: a.F: y\n\tat a.D.e(D.java:2)",
    );
  });

  it("finds a duplicate by what it shares, and says how each method did", () => {
    const noise = Array.from({ length: 12 }, (_, n) => issue(`n${n}`, n + 1, "A", [`app.N${n}.run(N.java:${n})`]));
    const issues = [
      ...noise,
      issue("first", 20, "A", ["app.Ledger.close(L.java:1)", "app.Job.run(J.java:2)"]),
      issue("second", 21, "A", ["app.Ledger.close(L.java:9)", "app.Job.run(J.java:9)"]),
    ];
    const names = { traces: "t", groups: "g", seed: 1 };
    const report = evaluateGroups({ issues, groups: [["first", "second"]], unreadable: [] }, names);
    expect(report.methods.similarity.all).toMatchObject({ queries: 1, recallAt1: 1 });
    expect(report.methods["TF-IDF over frames"].all.recallAt1).toBe(1);
    expect(report.methods.similarity.choosing.queries + report.methods.similarity.other.queries).toBe(1);
  });
});
