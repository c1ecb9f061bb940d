/** Population stability index: how far the inputs that a model meets now are from those it was trained on.
 *
 *  Source: Karakoulas 2004 and credit-scoring practice: sum over bins of (now - then) * ln(now / then), bins by the reference's
 *  quantiles; 0.1 is worth a look, 0.25 is drift. Changed: missing is a bin of its own; shares are smoothed; what two samples of these
 *  sizes from one distribution show on average, (bins - 1) * (1/n + 1/m), is taken off, so that a verdict does not depend on
 *  how much was sampled. */
import { FEATURE_GROUPS, type FeatureGroup, type FeatureSpec } from "../features/feature-spec.ts";

/** How one feature was distributed in training. */
export interface FeatureReference {
  /** ascending inner bounds; a value belongs to the first bin whose bound is >= it */
  bounds: number[];
  /** shape [bounds.length + 2]: share per bin, the last is "missing" */
  shares: number[];
  count: number;
}

export interface GroupDrift {
  group: FeatureGroup;
  /** largest index among the group's features, >= 0; NaN when nothing can be compared */
  index: number;
  /** name of that feature */
  feature: string | null;
}

const BINS = 10;
/** Pseudo-count per bin. */
const SMOOTHING = 0.5;

/** @param vectors shape [n, featureCount], NaN = missing   @param rows which rows; all when absent */
export function fitReferences(vectors: Float32Array, featureCount: number, rows?: Int32Array): FeatureReference[] {
  return Array.from({ length: featureCount }, (_, feature) => {
    const column = columnOf(vectors, featureCount, feature, rows);
    const known = column.filter((value) => !Number.isNaN(value)).sort();
    const bounds: number[] = [];
    for (let bin = 1; bin < BINS; bin++) {
      const bound = known[Math.floor((bin * known.length) / BINS)];
      if (bound !== undefined && bound !== bounds.at(-1)) bounds.push(bound);
    }
    return { bounds, shares: sharesOf(column, bounds), count: column.length };
  });
}

/** @param column shape [m]: the feature's values now
 *  @returns >= 0; NaN when either side is empty */
export function stabilityIndex(reference: FeatureReference, column: Float32Array): number {
  if (column.length === 0 || reference.count === 0) return Number.NaN;
  const now = sharesOf(column, reference.bounds);
  let index = 0;
  let bins = 0;
  reference.shares.forEach((then, bin) => {
    const before = smoothed(then, reference.count, now.length);
    const after = smoothed(now[bin]!, column.length, now.length);
    if (then > 0 || now[bin]! > 0) bins++;
    index += (after - before) * Math.log(after / before);
  });
  return Math.max(0, index - Math.max(0, bins - 1) * (1 / reference.count + 1 / column.length));
}

/** The same index for names instead of bins of a feature.
 *  @param then counts by name   @param now counts by name
 *  @returns >= 0; NaN when either side is empty */
export function sharesStability(then: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number {
  const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
  const [before, after] = [sum(then), sum(now)];
  if (before === 0 || after === 0) return Number.NaN;
  const names = [...new Set([...then.keys(), ...now.keys()])];
  let index = 0;
  for (const name of names) {
    const earlier = smoothed((then.get(name) ?? 0) / before, before, names.length);
    const later = smoothed((now.get(name) ?? 0) / after, after, names.length);
    index += (later - earlier) * Math.log(later / earlier);
  }
  return Math.max(0, index - (names.length - 1) * (1 / before + 1 / after));
}

/** Drift of every group, by its worst feature.
 *  @param vectors shape [m, spec.features.length]: what was met lately */
export function groupDrift(
  spec: FeatureSpec,
  references: readonly FeatureReference[],
  vectors: Float32Array,
): GroupDrift[] {
  const worst = new Map<FeatureGroup, GroupDrift>();
  spec.features.forEach(({ group, name }, feature) => {
    const index = stabilityIndex(references[feature]!, columnOf(vectors, spec.features.length, feature));
    const known = worst.get(group);
    if (!known || Number.isNaN(known.index) || index > known.index) {
      worst.set(group, { group, index, feature: Number.isNaN(index) ? null : name });
    }
  });
  return FEATURE_GROUPS.map((group) => worst.get(group) ?? { group, index: Number.NaN, feature: null });
}

function columnOf(vectors: Float32Array, width: number, feature: number, rows?: Int32Array): Float32Array {
  const count = rows ? rows.length : vectors.length / width;
  return Float32Array.from({ length: count }, (_, row) => vectors[(rows ? rows[row]! : row) * width + feature]!);
}

function sharesOf(column: Float32Array, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 2).fill(0);
  for (const value of column) {
    let bin = bounds.length + 1;
    if (!Number.isNaN(value)) {
      bin = 0;
      while (bin < bounds.length && value > bounds[bin]!) bin++;
    }
    counts[bin] = counts[bin]! + 1;
  }
  return counts.map((count) => (column.length === 0 ? 0 : count / column.length));
}

function smoothed(share: number, count: number, bins: number): number {
  return (share * count + SMOOTHING) / (count + SMOOTHING * bins);
}
