/** From labelled rows to what the hazard fit reads: which rows, how much each stands for, encoded inputs and targets. */
import { encodeInto, type Scaler } from "../../models/predictor/encode.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { createRandom } from "../random.ts";
import { clusterRows } from "./clusters.ts";
import type { HazardRows } from "./fit-hazard.ts";
import { hazardTargets } from "./hazard-targets.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface ChosenRows {
  rows: Int32Array;
  /** how many rows of the data this one stands for */
  weightOf(row: number): number;
}

/** Case-cohort sampling (Prentice 1986): every row before an onset is kept; of the others, as many as fit, each standing for several.
 *  The weighted likelihood estimates the full one without bias, so calibration is kept.
 *  @param from row numbers to sample from @param room most rows, unless cases alone are more
 *  @param lastEdge in windows: an onset beyond it makes no case */
export function sampleQuietRows(
  rows: TrainingRows,
  from: Int32Array,
  room: number,
  lastEdge: number,
  seed: number,
): ChosenRows {
  if (from.length <= room) return { rows: from, weightOf: () => 1 };
  const isCase = (row: number): boolean => rows.windowsToOnset[row]! <= lastEdge;
  const cases = from.filter(isCase).length;
  const rate = Math.min(1, Math.max(room / 4, room - cases) / (from.length - cases));
  const random = createRandom(seed).fork(5);
  const kept = from.filter((row) => isCase(row) || random.uniform() < rate);
  return { rows: kept, weightOf: (row) => (isCase(row) ? 1 : 1 / rate) };
}

/** @returns whether any of these rows says which errors its failure brought */
export function hasClasses(rows: TrainingRows, subset: Int32Array): boolean {
  return subset.some((row) => classShares(rows, row) !== null);
}

/** @param edges upper ends of the hazard buckets in windows @param spanMs stretch of rows that share an outcome */
export function encodeRows(
  rows: TrainingRows,
  { rows: subset, weightOf }: ChosenRows,
  scaler: Scaler,
  { edges, spanMs, classes: withClasses }: { edges: readonly number[]; spanMs: number; classes: boolean },
): HazardRows {
  // shared, so that the trees' thread reads it without a copy
  const shared = new SharedArrayBuffer(Float32Array.BYTES_PER_ELEMENT * subset.length * scaler.width);
  const x = new Float32Array(shared);
  const classes = withClasses ? new Float32Array(subset.length * ERROR_CLASSES.length) : null;
  subset.forEach((row, index) => {
    encodeInto(rows.vectors, row * scaler.featureCount, scaler, x, index * scaler.width);
    const shares = classes === null ? null : classShares(rows, row);
    if (shares !== null) classes?.set(shares, index * ERROR_CLASSES.length);
  });
  return {
    n: subset.length,
    x,
    ...hazardTargets(take(rows.windowsToOnset, subset), take(rows.observedWindows, subset), edges),
    weight: Float32Array.from(subset, weightOf),
    cluster: clusterRows(rows, subset, spanMs),
    classes,
  };
}

/** @returns the values of some rows, in their order */
export function take(values: Float32Array, subset: Int32Array): Float32Array {
  return Float32Array.from(subset, (row) => values[row]!);
}

/** One row's class shares, which sum to 1, or null when it has none. */
function classShares(rows: TrainingRows, row: number): Float32Array | null {
  const count = ERROR_CLASSES.length;
  const given = rows.classes?.subarray(row * count, (row + 1) * count).map((share) => (share > 0 ? share : 0));
  const total = given?.reduce((sum, share) => sum + share, 0) ?? 0;
  return given === undefined || total === 0 ? null : given.map((share) => share / total);
}
