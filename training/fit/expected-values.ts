import type { FeatureSpec } from "../../models/features/feature-spec.ts";
import { knownColumns, takeMedian } from "./known-columns.ts";

/** What an ordinary row looks like, per feature: the reference from which explanations measure. The median over training rows in
 *  which the feature is known; null when most of them lack it.
 *  @param vectors shape [n, spec.features.length], NaN = missing
 *  @param rows which rows to read; all when absent */
export function expectedValues(vectors: Float32Array, spec: FeatureSpec, rows?: Int32Array): (number | null)[] {
  const width = spec.features.length;
  const count = rows?.length ?? vectors.length / width;
  return Array.from(knownColumns(vectors, width, rows), ({ known }) =>
    // a feature that most rows lack is ordinarily missing
    known.length * 2 < count || known.length === 0 ? null : takeMedian(known),
  );
}
