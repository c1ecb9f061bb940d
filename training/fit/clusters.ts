/** Rows of one service within one horizon mostly share the outcome, whatever their number: they are one observation. */

/** Numbers such stretches of rows.
 *  @param rows row numbers @param spanMs length of a stretch
 *  @returns shape [rows.length]; equal numbers belong together */
export function clusterRows(
  examples: { atMs: Float64Array; entity: Int32Array },
  rows: Int32Array,
  spanMs: number,
): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(rows, (row) => {
    const key = `${examples.entity[row]!}/${Math.floor(examples.atMs[row]! / spanMs)}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  });
}

/** Row numbers in the order of time, cut into blocks of equal length in time. */
export function blocksOfTime(atMs: ArrayLike<number>, count: number): Int32Array[] {
  const order = Int32Array.from(atMs, (_, row) => row).sort((a, b) => atMs[a]! - atMs[b]! || a - b);
  const [first, last] = [atMs[order[0] ?? 0]!, atMs[order.at(-1) ?? 0]!];
  const blockOf = (row: number): number =>
    Math.min(count - 1, Math.floor((count * (atMs[row]! - first)) / Math.max(1, last - first)));
  return Array.from({ length: count }, (_, block) => order.filter((row) => blockOf(row) === block));
}

/** ms from the first to the last of these rows; -Infinity of none. */
export function timeSpan(atMs: Float64Array, subset: Int32Array): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of subset) {
    first = Math.min(first, atMs[row]!);
    last = Math.max(last, atMs[row]!);
  }
  return last - first;
}
