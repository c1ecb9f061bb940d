/** Cuts every column into few bins, so that a tree looks at counts instead of values (Ke et al. 2017, "LightGBM", section 2). */

/** Bins per column at most; a bin's number fits into a byte with room to spare. */
export const MAX_BINS = 64;
/** Rows that are looked at to place the cuts. */
const SAMPLED_ROWS = 40_000;

export interface BinnedColumns {
  /** which columns of the input vary, ascending */
  columns: number[];
  /** per such column, ascending: bin b holds the values v with cuts[b-1] <= v < cuts[b] */
  cuts: Float32Array[];
  /** per such column, shape [n] */
  bins: Uint8Array[];
}

/** @param x shape [n, width] */
export function binColumns(x: Float32Array, width: number): BinnedColumns {
  const n = x.length / width;
  const step = Math.max(1, Math.floor(n / SAMPLED_ROWS));
  const columns: number[] = [];
  const cuts: Float32Array[] = [];
  for (let column = 0; column < width; column++) {
    const own = cutsOf(x, width, column, step);
    if (own.length === 0) continue;
    columns.push(column);
    cuts.push(own);
  }
  const bins = columns.map((column, index) => {
    const own = cuts[index]!;
    const ofRows = new Uint8Array(n);
    for (let row = 0; row < n; row++) ofRows[row] = binOf(own, x[row * width + column]!);
    return ofRows;
  });
  return { columns, cuts, bins };
}

/** Quantiles of the sampled values, each once, the smallest left out: nothing lies below it. */
function cutsOf(x: Float32Array, width: number, column: number, step: number): Float32Array {
  const sorted = new Float32Array(Math.ceil((x.length - column) / (width * step)));
  for (let index = 0, at = column; at < x.length; index++, at += width * step) sorted[index] = x[at]!;
  sorted.sort();
  const cuts: number[] = [];
  for (let bin = 1; bin < MAX_BINS; bin++) {
    const value = sorted[Math.min(sorted.length - 1, Math.floor((bin / (MAX_BINS - 1)) * sorted.length))]!;
    if (value > (cuts.at(-1) ?? sorted[0]!)) cuts.push(value);
  }
  return Float32Array.from(cuts);
}

function binOf(cuts: Float32Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
