/** ADWIN: a window over a stream of numbers that grows while their mean holds still and drops its older part when it has changed.
 *
 *  Source: Bifet and Gavaldà 2007, "Learning from time-changing data with adaptive windowing", section 4 (ADWIN2): an exponential
 *  histogram with at most `BUCKETS_PER_ROW` buckets of 2^row items, and the cut
 *
 *      |mean(older) - mean(newer)| >= sqrt(2/m * var * ln(2/d')) + 2/(3m) * ln(2/d'),   1/m = 1/n0 + 1/n1,   d' = d / ln n
 *
 *  Changed: state is plain JSON and a step returns a new state, so that it can live in a database row between steps; cuts are looked
 *  for at every bucket bound, every step. */

const BUCKETS_PER_ROW = 5;
/** Fewer items than this on either side prove nothing. */
const MIN_SIDE = 5;
const MIN_ITEMS = 10;

interface Bucket {
  count: number;
  sum: number;
  /** sum of squares */
  squares: number;
}

export interface AdwinState {
  /** confidence: chance of a false alarm per step is at most this, in (0, 1) */
  delta: number;
  /** rows[r]: buckets of 2^r items, newest first */
  rows: Bucket[][];
}

export interface AdwinStep {
  state: AdwinState;
  /** whether older items were dropped by this step */
  drifted: boolean;
}

export function createAdwin(delta = 0.002): AdwinState {
  return { delta, rows: [] };
}

/** Takes in one value, best scaled to [0, 1]. */
export function observe(state: AdwinState, value: number): AdwinStep {
  const rows = state.rows.map((row) => [...row]);
  insert(rows, { count: 1, sum: value, squares: value * value }, 0);
  let drifted = false;
  while (shouldCut(rows, state.delta)) {
    dropOldest(rows);
    drifted = true;
  }
  return { state: { delta: state.delta, rows }, drifted };
}

/** Items in the window and their mean (NaN when empty). */
export function adwinMean(state: AdwinState): { count: number; mean: number } {
  const { count, sum } = total(state.rows);
  return { count, mean: sum / count };
}

function insert(rows: Bucket[][], bucket: Bucket, row: number): void {
  const buckets = rows[row] ?? [];
  rows[row] = buckets;
  buckets.unshift(bucket);
  if (buckets.length <= BUCKETS_PER_ROW) return;
  const oldest = buckets.pop()!;
  const next = buckets.pop()!;
  insert(rows, added(oldest, next), row + 1);
}

function shouldCut(rows: readonly Bucket[][], delta: number): boolean {
  const all = total(rows);
  if (all.count < MIN_ITEMS) return false;
  const mean = all.sum / all.count;
  const variance = Math.max(0, all.squares / all.count - mean * mean);
  const evidence = Math.log((2 * Math.log(all.count)) / delta);
  let older: Bucket = { count: 0, sum: 0, squares: 0 };
  for (const bucket of oldestFirst(rows)) {
    older = added(older, bucket);
    const newerCount = all.count - older.count;
    if (newerCount < MIN_SIDE) return false;
    if (older.count < MIN_SIDE) continue;
    const inverse = 1 / older.count + 1 / newerCount;
    const bound = Math.sqrt(2 * inverse * variance * evidence) + (2 / 3) * inverse * evidence;
    if (Math.abs(older.sum / older.count - (all.sum - older.sum) / newerCount) >= bound) return true;
  }
  return false;
}

function dropOldest(rows: Bucket[][]): void {
  while (rows.length > 0 && rows.at(-1)!.length === 0) rows.pop();
  rows.at(-1)?.pop();
}

function oldestFirst(rows: readonly Bucket[][]): Bucket[] {
  return rows.flat().reverse();
}

function total(rows: readonly Bucket[][]): Bucket {
  return rows.flat().reduce(added, { count: 0, sum: 0, squares: 0 });
}

function added(a: Bucket, b: Bucket): Bucket {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares };
}
