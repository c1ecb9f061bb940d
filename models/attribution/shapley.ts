/** Exact Shapley values from a table of all coalitions.
 *
 *  Source: Shapley 1953; contribution of player i = sum over coalitions S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S)).
 *  Exact, because with at most 12 groups there are at most 4 096 coalitions. */

/** @param values shape [2^n]: worth of the coalition whose bit i says that player i is in it
 *  @returns shape [n]; sums to values[2^n - 1] - values[0]
 *  @throws RangeError when the length is no power of two */
export function shapleyValues(values: ArrayLike<number>): Float64Array {
  const players = Math.round(Math.log2(values.length));
  if (values.length !== 2 ** players) throw new RangeError(`${values.length} coalitions are no power of two`);
  const weights = coalitionWeights(players);
  const sizes = coalitionSizes(values.length);
  const result = new Float64Array(players);
  for (let player = 0; player < players; player++) {
    const bit = 1 << player;
    let total = 0;
    for (let coalition = 0; coalition < values.length; coalition++) {
      if (coalition & bit) continue;
      total += weights[sizes[coalition]!]! * (values[coalition | bit]! - values[coalition]!);
    }
    result[player] = total;
  }
  return result;
}

/** Players in each coalition: as many as in the one without its last bit, and one more if that is set. */
function coalitionSizes(count: number): Uint8Array {
  const sizes = new Uint8Array(count);
  for (let coalition = 1; coalition < count; coalition++) sizes[coalition] = sizes[coalition >> 1]! + (coalition & 1);
  return sizes;
}

/** weights[s] = s! (n - s - 1)! / n! */
function coalitionWeights(players: number): Float64Array {
  const weights = new Float64Array(Math.max(players, 1));
  if (players === 0) return weights;
  weights[0] = 1 / players;
  for (let size = 1; size < players; size++) weights[size] = (weights[size - 1]! * size) / (players - size);
  return weights;
}

export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
