/** Whether the vectors that were stored while windows closed are those that the offline replay computes for the same rows. */
import { FEATURE_SPEC } from "../../models/features/fold.ts";
import type { Database } from "../../services/platform/store/database.ts";
import { servicesCalled } from "../../services/platform/store/service-lookup.ts";
import { readVectors } from "../../services/platform/store/vectors-store.ts";

export interface VectorComparison {
  /** rows that were compared */
  rows: number;
  /** rows of which no vector was stored */
  missing: number;
  /** rows in which at least one feature differs */
  differing: number;
  /** the features that differ, in the order of the spec */
  features: { name: string; rows: number; largest: number }[];
}

/** Vectors of named services at moments. */
export interface ExpectedVectors {
  service: readonly string[];
  atMs: ArrayLike<number>;
  /** shape [rows, features] */
  vectors: Float32Array;
}

/** float32 keeps 24 bits; sums that were added up in another order may differ in the last ones */
const RELATIVE_TOLERANCE = 2 ** -20;

export async function compareVectors(db: Database, expected: ExpectedVectors): Promise<VectorComparison> {
  const rowAt = new Map(expected.service.map((name, row) => [`${name} ${expected.atMs[row]}`, row]));
  const width = FEATURE_SPEC.features.length;
  const differences = FEATURE_SPEC.features.map(({ name }) => ({ name, rows: 0, largest: 0 }));
  const services = [...(await servicesCalled(db, expected.service)).values()].flat();
  const names = new Map(services.map(({ id, name }) => [id, name]));
  let rows = 0;
  let differing = 0;
  const everMs = { fromMs: 0, throughMs: Number.MAX_SAFE_INTEGER };
  for await (const { serviceId, atMs, vector } of readVectors(db, FEATURE_SPEC.hash, everMs)) {
    const row = rowAt.get(`${names.get(serviceId)} ${atMs}`);
    if (row === undefined) continue;
    rows += 1;
    let isDifferent = false;
    for (let column = 0; column < width; column += 1) {
      const difference = differenceOf(vector[column]!, expected.vectors[row * width + column]!);
      if (difference === 0) continue;
      isDifferent = true;
      const of = differences[column]!; // one per feature
      of.rows += 1;
      of.largest = Math.max(of.largest, difference);
    }
    if (isDifferent) differing += 1;
  }
  const features = differences.filter((one) => one.rows > 0);
  return { rows, missing: expected.service.length - rows, differing, features };
}

/** 0: equal up to float32; Infinity: only one of them is known */
function differenceOf(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  const difference = Math.abs(a - b);
  return difference <= RELATIVE_TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b)) ? 0 : difference;
}
