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

/** ms from the first to the last of these rows; -Infinity of none. */
export function timeSpan(atMs: Float64Array, subset: Int32Array): number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of subset) {
    first = Math.min(first, atMs[row]!);
    last = Math.max(last, atMs[row]!);
  }
  return last - first;
}
