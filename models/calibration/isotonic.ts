/** Isotonic regression: the non-decreasing function of the score that is closest to the outcomes in squared error.
 *
 *  Source: pool adjacent violators, Ayer, Brunk, Ewing, Reid and Silverman 1955. Changed: equal scores are pooled first, so that the
 *  result is a function of the score; between block centres it interpolates linearly. */

export interface IsotonicMap {
  /** block centres, ascending */
  scores: number[];
  /** fitted value per block, not decreasing */
  values: number[];
}

/** @param score shape [n]   @param outcome shape [n], 0 or 1 (or any target)
 *  @returns empty arrays when n = 0 */
export function fitIsotonic(score: ArrayLike<number>, outcome: ArrayLike<number>): IsotonicMap {
  const blocks: Block[] = [];
  for (const tied of poolTies(score, outcome)) {
    let block = tied;
    while (blocks.length > 0 && blocks.at(-1)!.value >= block.value) block = pool(blocks.pop()!, block);
    blocks.push(block);
  }
  return { scores: blocks.map((block) => block.score), values: blocks.map((block) => block.value) };
}

export function applyIsotonic(map: IsotonicMap, score: number): number {
  const { scores, values } = map;
  if (scores.length === 0) return Number.NaN;
  if (score <= scores[0]!) return values[0]!;
  if (score >= scores.at(-1)!) return values.at(-1)!;
  let low = 0;
  let high = scores.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (scores[middle]! <= score) low = middle;
    else high = middle;
  }
  const share = (score - scores[low]!) / (scores[high]! - scores[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}

interface Block {
  score: number;
  value: number;
  weight: number;
}

function poolTies(score: ArrayLike<number>, outcome: ArrayLike<number>): Block[] {
  const order = Array.from({ length: score.length }, (_, row) => row).sort((a, b) => score[a]! - score[b]!);
  const blocks: Block[] = [];
  for (const row of order) {
    const block = { score: score[row]!, value: outcome[row]!, weight: 1 };
    const last = blocks.at(-1);
    if (last && last.score === block.score) blocks[blocks.length - 1] = pool(last, block);
    else blocks.push(block);
  }
  return blocks;
}

function pool(a: Block, b: Block): Block {
  const weight = a.weight + b.weight;
  return {
    score: (a.score * a.weight + b.score * b.weight) / weight,
    value: (a.value * a.weight + b.value * b.weight) / weight,
    weight,
  };
}
