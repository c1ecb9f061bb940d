/** Similar errors among many, in bounded time and memory: an inverted index over hashed features. Similarity is the mean over the families
 *  of features of the cosine between TF-IDF vectors (Salton & Buckley 1988, "Term-weighting approaches in automatic text retrieval"), with
 *  the inverse document frequency raised to 1.5, so that what is rare decides.
 *
 *  Changed from the textbook: document frequencies are those of the moment of the search, over what is in the index then, so errors can
 *  come and go without anything being rebuilt. Candidates are gathered from the postings of the query's rarest features up to a
 *  budget; only the best of them are compared in full. */
import { type ErrorFeatures, type FamilyFeatures, FEATURE_FAMILIES, type FeatureFamily } from "./error-features.ts";

const IDF_POWER = 1.5;
/** Entries of postings that one search looks at: some milliseconds. */
const POSTINGS_BUDGET = 200_000;
/** Candidates that are compared in full. */
const CANDIDATES = 256;

interface SimilarError<Id> {
  id: Id;
  /** mean of the families that either error has, in (0, 1]; 1 for the same features */
  similarity: number;
  /** cosine by family, in [0, 1]; null for a family that neither error has */
  families: Record<FeatureFamily, number | null>;
}

interface SearchOptions<Id> {
  /** most results, > 0 */
  limit: number;
  /** who may be among them (default: everyone) */
  accept?(id: Id): boolean;
}

export interface SimilarityIndex<Id> {
  readonly size: number;
  has(id: Id): boolean;
  ids(): Iterable<Id>;
  /** An id that is known is replaced; beyond the bound the one that was added first goes. */
  add(id: Id, features: ErrorFeatures): void;
  /** @returns whether it was there */
  remove(id: Id): boolean;
  /** @returns most similar first; those of equal similarity in the order in which they were added; none that share nothing */
  search(features: ErrorFeatures, options: SearchOptions<Id>): SimilarError<Id>[];
}

interface Entry<Id> {
  id: Id;
  features: ErrorFeatures;
  /** rises with each addition */
  order: number;
}

/** @param maxErrors > 0; an error takes some 2 KB */
export function createSimilarityIndex<Id>(maxErrors: number): SimilarityIndex<Id> {
  // A map keeps the order of addition, so its first entry is the oldest one.
  const entries = new Map<Id, Entry<Id>>();
  const postings = new Map<number, Set<Entry<Id>>>();
  let added = 0;

  const remove = (id: Id): boolean => {
    const entry = entries.get(id);
    if (entry === undefined) return false;
    entries.delete(id);
    for (const family of FEATURE_FAMILIES) {
      for (const hash of entry.features[family].hashes) {
        const holders = postings.get(hash);
        holders?.delete(entry);
        if (holders?.size === 0) postings.delete(hash);
      }
    }
    return true;
  };

  const rarity = (hash: number): number =>
    (Math.log((1 + entries.size) / (1 + (postings.get(hash)?.size ?? 0))) + 1) ** IDF_POWER;

  return {
    get size() {
      return entries.size;
    },
    has: (id) => entries.has(id),
    ids: () => entries.keys(),
    add(id, features) {
      remove(id);
      const oldest = entries.size >= maxErrors ? entries.keys().next() : null;
      if (oldest?.done === false) remove(oldest.value);
      const entry = { id, features, order: added++ };
      entries.set(id, entry);
      for (const family of FEATURE_FAMILIES) {
        for (const hash of features[family].hashes) {
          const holders = postings.get(hash);
          if (holders === undefined) postings.set(hash, new Set([entry]));
          else holders.add(entry);
        }
      }
    },
    remove,
    search(features, { limit, accept }) {
      const rarities = createMemo(rarity);
      const query = FEATURE_FAMILIES.map((family) => unitVector(features[family], rarities));
      const candidates = gather(query, postings, rarities, accept);
      const results = candidates.map((entry) => compare(query, features, entry, rarities));
      results.sort((a, b) => b.similarity - a.similarity || a.order - b.order);
      return results
        .filter(({ similarity }) => similarity > 0)
        .slice(0, limit)
        .map(({ id, similarity, families }) => ({ id, similarity, families }));
    },
  };
}

type Rarity = (hash: number) => number;
/** hash → weight, of length 1 */
type Vector = ReadonlyMap<number, number>;

function createMemo(work: Rarity): Rarity {
  const known = new Map<number, number>();
  return (hash) => {
    let value = known.get(hash);
    if (value === undefined) {
      value = work(hash);
      known.set(hash, value);
    }
    return value;
  };
}

function unitVector({ hashes, weights }: FamilyFeatures, rarity: Rarity): Vector {
  const length = lengthOf({ hashes, weights }, rarity);
  const vector = new Map<number, number>();
  for (let at = 0; at < hashes.length; at++) vector.set(hashes[at]!, (weights[at]! * rarity(hashes[at]!)) / length);
  return vector;
}

function lengthOf({ hashes, weights }: FamilyFeatures, rarity: Rarity): number {
  let squares = 0;
  for (let at = 0; at < hashes.length; at++) squares += (weights[at]! * rarity(hashes[at]!)) ** 2;
  return Math.sqrt(squares);
}

/** The entries that share most with the query, judged by shared features without regard to what else an entry has. */
function gather<Id>(
  query: readonly Vector[],
  postings: ReadonlyMap<number, ReadonlySet<Entry<Id>>>,
  rarity: Rarity,
  accept: ((id: Id) => boolean) | undefined,
): Entry<Id>[] {
  const features = query.flatMap((vector) =>
    [...vector].map(([hash, weight]) => ({ hash, share: weight * rarity(hash) })),
  );
  features.sort((a, b) => b.share - a.share || a.hash - b.hash);
  const shares = new Map<Entry<Id>, number>();
  const refused = new Set<Entry<Id>>();
  let budget = POSTINGS_BUDGET;
  for (const { hash, share } of features) {
    const holders = postings.get(hash);
    if (holders === undefined) continue;
    budget -= holders.size;
    if (budget < 0 && shares.size > 0) break;
    for (const entry of holders) {
      const known = shares.get(entry);
      if (known !== undefined) shares.set(entry, known + share);
      else if (accept === undefined || (!refused.has(entry) && accept(entry.id))) shares.set(entry, share);
      else refused.add(entry);
    }
  }
  if (shares.size <= CANDIDATES) return [...shares.keys()];
  return [...shares]
    .sort(([a, left], [b, right]) => right - left || a.order - b.order)
    .slice(0, CANDIDATES)
    .map(([entry]) => entry);
}

function compare<Id>(
  query: readonly Vector[],
  asked: ErrorFeatures,
  { id, features, order }: Entry<Id>,
  rarity: Rarity,
): SimilarError<Id> & { order: number } {
  const families: Record<FeatureFamily, number | null> = { calls: null, names: null, words: null };
  let total = 0;
  let compared = 0;
  for (const [index, family] of FEATURE_FAMILIES.entries()) {
    const own = features[family];
    if (own.hashes.length === 0 && asked[family].hashes.length === 0) continue;
    const cosine = own.hashes.length === 0 ? 0 : dot(query[index]!, own, rarity) / lengthOf(own, rarity);
    families[family] = Math.min(1, cosine);
    total += Math.min(1, cosine);
    compared++;
  }
  return { id, order, similarity: compared === 0 ? 0 : total / compared, families };
}

function dot(vector: Vector, { hashes, weights }: FamilyFeatures, rarity: Rarity): number {
  let sum = 0;
  for (let at = 0; at < hashes.length; at++) {
    const weight = vector.get(hashes[at]!);
    if (weight !== undefined) sum += weight * weights[at]! * rarity(hashes[at]!);
  }
  return sum;
}
