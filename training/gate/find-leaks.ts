/** Finds features into which the label has leaked: which tell what nobody could have observed beforehand.
 *
 *  Two marks. A feature that alone tells every outcome without a mistake. And, where the horizon is long enough to look, one that jumps at
 *  the horizon's edge: whether a failure begins in the last window of the horizon or just after it makes no difference to anything that can
 *  be observed now, but all the difference to the label. So rows a few windows inside the edge must look like rows a few windows outside
 *  it; a feature that tells them apart was made with knowledge of the label, even when it is wrong now and then or often missing. */
import type { FeatureGroup, FeatureSpec } from "../../models/features/feature-spec.ts";
import { auc } from "../evaluate/metrics.ts";
import type { TrainingRows } from "../fit/training-rows.ts";

/** Enough separate failures for a separation to be no accident. */
const MIN_FAILURES = 5;
/** Windows on either side of the edge. */
const EDGE_WINDOWS = 3;
/** A horizon below this has no room on its inner side: the last windows before a failure are unlike all others. */
const LEAST_HORIZON = 3 * EDGE_WINDOWS;
/** Separation, as area under the ROC curve, from which a jump at the edge is a leak. */
const EDGE_SEPARATION = 0.9;
/** Failures that come by the clock, or at equal distances, have their horizon's edge at a time of its own. */
const MAY_JUMP: ReadonlySet<FeatureGroup> = new Set(["time_of_day", "recent_failures"]);

/** Rows of which the outcome at one horizon is known. */
interface Judged {
  rows: Int32Array;
  /** shape [rows.length], 0 or 1 */
  outcome: Float32Array;
  /** shape [rows.length]: equal numbers share an outcome */
  cluster: Int32Array;
}

/** @param horizon of the outcome in `judged` @returns names of features */
export function findLeaks(
  rows: TrainingRows,
  judged: Judged,
  spec: FeatureSpec,
  horizon: { windows: number; windowSizeMs: number },
): string[] {
  const positives = new Set(judged.cluster.filter((_, index) => judged.outcome[index] === 1));
  if (positives.size < MIN_FAILURES) return [];
  const edge = horizon.windows < LEAST_HORIZON ? null : edgeRows(rows, horizon);
  return spec.features.flatMap(({ name, group }, feature) => {
    const separates = (subset: Int32Array, outcome: Float32Array) =>
      separation(columnOf(rows.vectors, spec.features.length, feature, subset), outcome);
    const isLeak =
      separates(judged.rows, judged.outcome) === 1 ||
      (edge !== null && !MAY_JUMP.has(group) && separates(edge.rows, edge.inside) >= EDGE_SEPARATION);
    return isLeak ? [name] : [];
  });
}

/** Rows just inside and just outside the horizon's edge, of all slices: a leak is made where features are made, not in one slice.
 *  @returns null for too few failures on either side */
function edgeRows(
  rows: TrainingRows,
  { windows, windowSizeMs }: { windows: number; windowSizeMs: number },
): { rows: Int32Array; inside: Float32Array } | null {
  const distance = (row: number): number => rows.windowsToOnset[row]! - windows;
  const { train, calibration, validation } = rows.split;
  const all = Int32Array.from([...train, ...calibration, ...validation]);
  const near = all.filter((row) => distance(row) > -EDGE_WINDOWS && distance(row) <= EDGE_WINDOWS);
  const inside = Float32Array.from(near, (row) => (distance(row) <= 0 ? 1 : 0));
  const failureOf = (row: number): string =>
    `${rows.entity[row]!} ${Math.round(rows.atMs[row]! / windowSizeMs + rows.windowsToOnset[row]!)}`;
  const failures = (side: number): number =>
    new Set([...near].filter((_, index) => inside[index] === side).map(failureOf)).size;
  return Math.min(failures(0), failures(1)) < MIN_FAILURES ? null : { rows: near, inside };
}

function columnOf(vectors: Float32Array, width: number, feature: number, subset: Int32Array): Float64Array {
  return Float64Array.from(subset, (row) => vectors[row * width + feature]!);
}

/** How well one column alone tells the two apart, in either direction. Being missing is a value like any other: lowest of all or highest,
 *  whichever tells more. @returns in [0.5, 1] */
function separation(column: Float64Array, outcome: Float32Array): number {
  return Math.max(
    ...[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map((missing) => {
      const area = auc(
        column.map((value) => (Number.isNaN(value) ? missing : value)),
        outcome,
      );
      return Math.max(area, 1 - area);
    }),
  );
}
