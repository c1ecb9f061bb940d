/** Features of many vectors, one after the other. */
import quickselect from "quickselect";

/** Features read at once: a cache line of 64 bytes, which is fetched whole anyhow. */
const BLOCK = 16;

export interface KnownColumn {
  feature: number;
  /** in the order of the rows; valid until the next column is asked for */
  known: Float64Array;
  /** whether some of the rows lack the feature */
  someMissing: boolean;
}

/** @param vectors shape [n, featureCount] row by row, NaN = missing
 *  @param rows which rows to read; all when absent */
export function* knownColumns(
  vectors: Float32Array,
  featureCount: number,
  rows?: Int32Array,
): Generator<KnownColumn, void, undefined> {
  const count = rows?.length ?? vectors.length / featureCount;
  const columns = Array.from({ length: BLOCK }, () => new Float64Array(count));
  const present = new Int32Array(BLOCK);
  for (let first = 0; first < featureCount; first += BLOCK) {
    const width = Math.min(BLOCK, featureCount - first);
    present.fill(0);
    for (let index = 0; index < count; index += 1) {
      const offset = (rows ? rows[index]! : index) * featureCount + first;
      for (let lane = 0; lane < width; lane += 1) {
        const value = vectors[offset + lane]!;
        if (!Number.isNaN(value)) columns[lane]![present[lane]!++] = value;
      }
    }
    for (let lane = 0; lane < width; lane += 1) {
      const known = columns[lane]!.subarray(0, present[lane]);
      yield { feature: first + lane, known, someMissing: known.length < count };
    }
  }
}

/** @param values not empty; reordered by this function @returns the lower one of the two in the middle of an even number */
export function takeMedian(values: Float64Array): number {
  const middle = Math.floor((values.length - 1) / 2);
  // the types know plain arrays only; it swaps elements by index and asks for nothing else
  quickselect(values as unknown as number[], middle);
  return values[middle]!;
}
