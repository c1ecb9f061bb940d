/** What regression trees say of every coalition of feature groups at once: those in it as observed, all others as expected.
 *
 *  A leaf is reached by exactly those coalitions that hold all of some groups A (whose observed value leads to it) and none of some others B
 *  (whose expected value does). Walking each tree once finds the leaves with their A and B; by inclusion and exclusion over B each is a
 *  few terms "all of M", added up by M, and one sum over subsets (zeta transform, Yates 1937) gives the answer to all 2^n coalitions: n · 2^n
 *  additions for all trees together, where asking the trees takes 2^n walks through each.
 *
 *  Source: the reachability of leaves is that of interventional TreeSHAP (Lundberg et al. 2020, "From local explanations to global
 *  understanding with explainable AI for trees", methods). Changed: it gives the table of coalitions instead of Shapley values, because what
 *  is explained is no sum of trees but a link of one; and players are groups of columns. */
import type { RegressionTrees } from "../model-session.ts";

export interface CoalitionGame {
  /** shape [width], encoded */
  observed: Float32Array;
  expected: Float32Array;
  /** columns of each player; a column that no player has is the same in both inputs */
  columns: readonly (readonly number[])[];
}

/** @returns shape [2^players]: the trees' sum for each coalition; bit i = player i as observed */
export function coalitionTreeSums(trees: RegressionTrees, game: CoalitionGame): Float64Array {
  const table = new Float64Array(2 ** game.columns.length);
  const playerOf = playersByColumn(game);
  for (const root of trees.roots) addTree(trees, root, game, playerOf, table);
  sumOverSubsets(table, game.columns.length);
  return table;
}

/** Adds what each coalition's leaf is worth, as terms by the smallest coalition that they hold for. */
function addTree(
  { column, threshold, below, other, value }: RegressionTrees,
  root: number,
  { observed, expected }: CoalitionGame,
  playerOf: Int8Array,
  table: Float64Array,
): void {
  const walk = (start: number, required: number, excluded: number): void => {
    let node = start;
    for (let at = column[node]!; at >= 0; at = column[node]!) {
      // The comparison is that of the runtime: two float32 numbers.
      const ofObserved = observed[at]! < threshold[node]! ? below[node]! : other[node]!;
      const ofExpected = expected[at]! < threshold[node]! ? below[node]! : other[node]!;
      const bit = ofObserved === ofExpected ? 0 : 1 << playerOf[at]!;
      if (bit === 0 || (required & bit) !== 0) node = ofObserved;
      else if ((excluded & bit) !== 0) node = ofExpected;
      else {
        walk(ofObserved, required | bit, excluded);
        excluded |= bit;
        node = ofExpected;
      }
    }
    addLeaf(table, required, excluded, value[node]!);
  };
  walk(root, 0, 0);
}

/** "All of `required`, none of `excluded`" is, by inclusion and exclusion, a sum of "all of required ∪ C" over the subsets C of
 *  `excluded`, with the sign of their number. */
function addLeaf(table: Float64Array, required: number, excluded: number, value: number): void {
  for (let subset = excluded; ; subset = (subset - 1) & excluded) {
    table[required | subset]! += isOdd(subset) ? -value : value;
    if (subset === 0) return;
  }
}

function isOdd(mask: number): boolean {
  let odd = false;
  for (let rest = mask; rest !== 0; rest &= rest - 1) odd = !odd;
  return odd;
}

/** In place: table[S] becomes the sum over all subsets of S. */
function sumOverSubsets(table: Float64Array, players: number): void {
  for (let player = 0; player < players; player++) {
    const bit = 1 << player;
    for (let set = bit; set < table.length; set = (set + 1) | bit) table[set]! += table[set ^ bit]!;
  }
}

function playersByColumn({ columns, expected }: CoalitionGame): Int8Array {
  const players = new Int8Array(expected.length);
  columns.forEach((own, player) => {
    for (const column of own) players[column] = player;
  });
  return players;
}
