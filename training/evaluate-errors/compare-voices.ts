/** Whether the pooled answer beats a voice alone: the mean difference over rows with a 95 % interval, by the bootstrap over families
 *  (Efron 1979; clusters after Field & Welsh 2007), since errors of one family are not independent. */
import type { Random } from "../random.ts";

export interface Difference {
  /** mean of ours − theirs over rows */
  mean: number;
  low: number;
  high: number;
}

const DRAWS = 1000;

/** @param differences per row   @param families per row */
export function meanDifference(
  differences: readonly number[],
  families: readonly string[],
  random: Random,
): Difference {
  const sums = new Map<string, { sum: number; rows: number }>();
  for (const [index, family] of families.entries()) {
    const own = sums.get(family) ?? { sum: 0, rows: 0 };
    sums.set(family, { sum: own.sum + differences[index]!, rows: own.rows + 1 });
  }
  const clusters = [...sums.values()];
  const means = Array.from({ length: DRAWS }, () => {
    let sum = 0;
    let rows = 0;
    for (let draw = 0; draw < clusters.length; draw++) {
      const drawn = clusters[Math.floor(random.uniform() * clusters.length)]!;
      sum += drawn.sum;
      rows += drawn.rows;
    }
    return sum / rows;
  }).sort((a, b) => a - b);
  return {
    mean: differences.reduce((total, value) => total + value, 0) / differences.length,
    low: means[Math.floor(0.025 * DRAWS)]!,
    high: means[Math.ceil(0.975 * DRAWS) - 1]!,
  };
}
