import type { RankScore } from "./rank-duplicates.ts";

type MethodName = "similarity" | "similarity, same type only" | "TF-IDF over frames" | "fingerprint";

/** Queries of one half of the groups, and of all. */
export interface MethodScore {
  all: RankScore;
  /** the half on which families and weights may be chosen */
  choosing: RankScore;
  /** the other half */
  other: RankScore;
}

/** Pairs of issues of one project that are not known to be one problem. */
export interface OverMerge {
  pairs: number;
  /** of them, pairs that share a fingerprint */
  merged: number;
  share: number;
}

export interface GroupsReport {
  traces: string;
  groups: string;
  issues: number;
  /** numbers of lines that hold no issue and were left out */
  unreadable: number[];
  seed: number;
  methods: Record<MethodName, MethodScore>;
  overMerge: {
    /** every such pair; an issue outside of all groups is a group of its own */
    allIssues: OverMerge;
    /** pairs of which both issues are in a group */
    groupedIssues: OverMerge;
  };
  /** groups whose issues of one project all share a fingerprint, among those with two of a project */
  wholeGroups: { groups: number; whole: number };
}
