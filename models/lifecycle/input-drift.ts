/** Whether the inputs of a model have moved away from those it was fitted and judged on, group by group.
 *
 *  The measure is the population stability index (models/drift/population-stability.ts), which already takes off what two samples of
 *  such sizes show by chance. That is not enough here: neighbouring windows are alike, and quiet weeks are followed by busy ones, so two
 *  honest spans of one history differ by more than independent samples would. How much more is measured at training: the history is cut
 *  into `SPANS` spans, and a feature's ordinary index is the largest that any of them shows against the whole. Later, a span of the same
 *  length is compared with the whole again, and only an index well above the ordinary one is drift. So neither the number of windows nor
 *  that of services decides the verdict. */
import { type FeatureReference, fitReferences, stabilityIndex } from "../drift/population-stability.ts";
import { FEATURE_GROUPS, type FeatureGroup, type FeatureSpec } from "../features/feature-spec.ts";

export interface InputReference {
  /** length of the spans that are compared */
  spanMs: number;
  features: FeatureOrdinary[];
}

interface FeatureOrdinary extends FeatureReference {
  /** index in the feature vector; features that the model does not read are left out */
  feature: number;
  ordinary: number;
}

export interface InputDrift {
  group: FeatureGroup;
  drifting: boolean;
  /** of the feature that is furthest beyond its threshold, and its name */
  index: number;
  threshold: number;
  feature: string;
}

const SPANS = 8;
/** Rows per span; more tell the same. */
const ROWS_PER_SPAN = 2_000;
/** A span with fewer rows is not compared. */
const MIN_ROWS = 50;
/** An index below this is no drift whatever is ordinary: 0.25 is credit scoring's mark for a shifted population. */
const LEAST_INDEX = 0.25;
/** And it must be this many times the largest that was ordinary. */
const BEYOND_ORDINARY = 2;

/** @param vectors shape [n, featureCount], NaN = missing   @param atMs shape [n], ascending
 *  @param read features that the model reads
 *  @returns null for a history too short to know what is ordinary */
export function fitInputReference(
  vectors: Float32Array,
  atMs: Float64Array,
  featureCount: number,
  read: readonly number[],
): InputReference | null {
  const n = atMs.length;
  const spanMs = Math.floor(((atMs[n - 1] ?? 0) - (atMs[0] ?? 0)) / SPANS);
  if (n < SPANS * MIN_ROWS || spanMs <= 0) return null;
  const spans = Array.from({ length: SPANS }, (): number[] => []);
  for (let row = 0; row < n; row++) spans[Math.min(SPANS - 1, Math.floor((atMs[row]! - atMs[0]!) / spanMs))]!.push(row);
  const sampled = spans.map((rows) => thin(rows, ROWS_PER_SPAN));
  const references = fitReferences(vectors, featureCount, Int32Array.from(sampled.flat()));
  const features = read.map((feature) => {
    const reference = references[feature]!;
    const indices = sampled
      .filter((rows) => rows.length >= MIN_ROWS)
      .map((rows) =>
        stabilityIndex(
          reference,
          Float32Array.from(rows, (row) => vectors[row * featureCount + feature]!),
        ),
      );
    return { feature, ...reference, ordinary: Math.max(0, ...indices) };
  });
  return { spanMs, features };
}

/** @param vectors shape [m, features]: a sample of the last `spanMs`
 *  @returns one entry for each group of which the model reads a feature; none when there are too few rows */
export function inputDrift(
  { features }: Pick<InputReference, "features">,
  spec: FeatureSpec,
  vectors: readonly Float32Array[],
): InputDrift[] {
  if (vectors.length < MIN_ROWS) return [];
  const worst = new Map<FeatureGroup, InputDrift>();
  for (const { feature, ordinary, ...reference } of features) {
    const definition = spec.features[feature];
    if (definition === undefined) continue;
    const { group, name } = definition;
    const index = stabilityIndex(
      reference,
      Float32Array.from(vectors, (vector) => vector[feature]!),
    );
    const threshold = Math.max(LEAST_INDEX, BEYOND_ORDINARY * ordinary);
    const known = worst.get(group);
    if (known !== undefined && index / threshold <= known.index / known.threshold) continue;
    worst.set(group, { group, drifting: index > threshold, index, threshold, feature: name });
  }
  return FEATURE_GROUPS.flatMap((group) => worst.get(group) ?? []);
}

function thin(rows: readonly number[], most: number): number[] {
  const step = Math.max(1, rows.length / most);
  return Array.from({ length: Math.floor(rows.length / step) }, (_, index) => rows[Math.floor(index * step)]!);
}
