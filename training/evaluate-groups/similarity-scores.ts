/** The three ways to find a duplicate that are compared: the service's similarity index, fed in the order in which issues came; TF-IDF
 *  over whole frames, as anyone would build it; and the fingerprint, which either agrees or does not. */

import type { ReadError } from "../../models/classifier/read-error.ts";
import { featuresOf } from "../../models/grouping/error-features.ts";
import { createSimilarityIndex } from "../../models/grouping/similarity-index.ts";
import type { DuplicateQuery } from "./rank-duplicates.ts";

export type Scorer = (candidate: number) => number;

/** @param errors of the issues, oldest first   @param sameType whether another exception type is never similar
 *  @returns a scorer for each query, which knows no issue that came later */
export function similarityScorers(
  errors: readonly ReadError[],
  queries: readonly DuplicateQuery[],
  { sameType }: { sameType: boolean },
): Scorer[] {
  const index = createSimilarityIndex<number>(errors.length);
  const queriesOf = new Map(queries.map((query, at) => [query.issue, { query, at }]));
  const scorers: Scorer[] = [];
  for (const [issue, error] of errors.entries()) {
    const features = featuresOf(error.chain);
    const asked = queriesOf.get(issue);
    if (asked !== undefined) {
      const candidates = new Set(asked.query.candidates);
      const isCandidate = (id: number): boolean =>
        candidates.has(id) && (!sameType || errors[id]!.exceptionType === error.exceptionType);
      const found = index.search(features, { limit: candidates.size, accept: isCandidate });
      const similarity = new Map(found.map(({ id, similarity: score }) => [id, score]));
      scorers[asked.at] = (candidate) => similarity.get(candidate) ?? 0;
    }
    index.add(issue, features);
  }
  return scorers;
}

/** Cosine of raw counts times smoothed inverse document frequency over all issues, as scikit-learn's TfidfVectorizer computes it.
 *  @param frames of each issue, `module.function` */
export function tfidfScorers(frames: readonly (readonly string[])[], queries: readonly DuplicateQuery[]): Scorer[] {
  const holders = new Map<string, number>();
  for (const own of frames) for (const frame of new Set(own)) holders.set(frame, (holders.get(frame) ?? 0) + 1);
  const vectors = frames.map((own) =>
    unitVector(own, (frame) => Math.log((1 + frames.length) / (1 + (holders.get(frame) ?? 0))) + 1),
  );
  return queries.map(
    ({ issue }) =>
      (candidate) =>
        dot(vectors[issue]!, vectors[candidate]!),
  );
}

export function fingerprintScorers(fingerprints: readonly string[], queries: readonly DuplicateQuery[]): Scorer[] {
  return queries.map(
    ({ issue }) =>
      (candidate) =>
        fingerprints[issue] === fingerprints[candidate] ? 1 : 0,
  );
}

function unitVector(frames: readonly string[], rarity: (frame: string) => number): Map<string, number> {
  const vector = new Map<string, number>();
  for (const frame of frames) vector.set(frame, (vector.get(frame) ?? 0) + rarity(frame));
  const length = Math.sqrt([...vector.values()].reduce((sum, weight) => sum + weight ** 2, 0)) || 1;
  for (const [frame, weight] of vector) vector.set(frame, weight / length);
  return vector;
}

function dot(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [key, weight] of left) sum += weight * (right.get(key) ?? 0);
  return sum;
}
