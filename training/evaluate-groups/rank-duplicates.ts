/** Where the earlier issue that a query duplicates stands among all earlier issues of its project. */
import type { TracedIssue } from "../../datasets/errors/duplicate-issues.ts";

/** An issue of a group but its oldest, with an earlier member of the group in the same project. */
export interface DuplicateQuery {
  /** positions in the issues, oldest first */
  issue: number;
  members: ReadonlySet<number>;
  candidates: readonly number[];
  group: number;
}

/** @param issues oldest first   @param groups keys of issues that are one problem; keys without an issue are passed over */
export function duplicateQueries(
  issues: readonly TracedIssue[],
  groups: readonly (readonly string[])[],
): DuplicateQuery[] {
  const positions = new Map(issues.map(({ key }, index) => [key, index]));
  return groups.flatMap((keys, group) => {
    const members = keys.flatMap((key) => positions.get(key) ?? []).sort((a, b) => a - b);
    return members.flatMap((issue): DuplicateQuery[] => {
      const isEarlier = (other: number): boolean =>
        issues[other]!.project === issues[issue]!.project && issues[other]!.created < issues[issue]!.created;
      const earlier = new Set(members.filter(isEarlier));
      if (earlier.size === 0) return [];
      const candidates = [...issues.keys()].slice(0, issue).filter(isEarlier);
      return [{ issue, members: earlier, candidates, group }];
    });
  });
}

/** Scores closer than this are a tie. */
const TIE = 1e-9;

/** Rank of the best placed member; those who tie with it count half.
 *  @param score of a candidate; higher is more alike
 *  @returns from 1 on, in halves */
export function rankOfMember(query: DuplicateQuery, score: (candidate: number) => number): number {
  const best = Math.max(...[...query.members].map(score));
  let rank = 1;
  for (const candidate of query.candidates) {
    if (query.members.has(candidate)) continue;
    const ahead = score(candidate) - best;
    if (ahead > TIE) rank += 1;
    else if (ahead >= -TIE) rank += 0.5;
  }
  return rank;
}

export interface RankScore {
  queries: number;
  /** share of queries whose member stands at rank k or better */
  recallAt1: number;
  recallAt5: number;
  recallAt10: number;
  meanReciprocalRank: number;
}

/** @returns shares NaN without a rank */
export function scoreRanks(ranks: readonly number[]): RankScore {
  const within = (limit: number): number => ranks.filter((rank) => rank <= limit).length / ranks.length;
  return {
    queries: ranks.length,
    recallAt1: within(1),
    recallAt5: within(5),
    recallAt10: within(10),
    meanReciprocalRank: ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length,
  };
}
