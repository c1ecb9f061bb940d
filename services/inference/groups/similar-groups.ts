/** Groups whose errors look like those of a group. The index of one process is brought up to date when somebody asks: what came since is read
 *  a slice at a time, so that the event loop stays free, and what retention or a merge took away is forgotten. */
import { setImmediate as otherWork } from "node:timers/promises";
import { readError } from "../../../models/classifier/read-error.ts";
import type { FeatureFamily } from "../../../models/grouping/error-features.ts";
import { featuresOf } from "../../../models/grouping/error-features.ts";
import { createSimilarityIndex } from "../../../models/grouping/similarity-index.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Database } from "../../platform/store/database.ts";
import { type ErrorGroup, findErrorGroup, findErrorGroups } from "../../platform/store/errors-store.ts";
import { readGroupNames, readGroupSamples } from "../../platform/store/group-reads.ts";

interface SimilarGroup {
  group: ErrorGroup;
  similarity: number;
  families: Record<FeatureFamily, number | null>;
}

export interface SimilarGroups {
  /** @param name of a group, or of a kind of error that is counted in it
   *  @returns most similar first   @throws NOT_FOUND */
  find(name: string, options: { limit: number; sameType: boolean }): Promise<SimilarGroup[]>;
}

/** Some 2 KB each; of more groups than that the newest in the index count. */
const MAX_INDEXED = 50_000;
/** Samples that are read from the store and parsed in one go. */
const SLICE = 100;
const PARSED_AT_ONCE = 10;

export function createSimilarGroups(db: Database): SimilarGroups {
  const index = createSimilarityIndex<string>(MAX_INDEXED);
  const typeOf = new Map<string, string | null>();
  let refreshing: Promise<void> | null = null;

  const refresh = async (): Promise<void> => {
    const names = new Set(await readGroupNames(db));
    for (const name of [...index.ids()]) {
      if (names.has(name)) continue;
      index.remove(name);
      typeOf.delete(name);
    }
    const missing = [...names].filter((name) => !index.has(name)).slice(-MAX_INDEXED);
    for (let from = 0; from < missing.length; from += SLICE) {
      const samples = await readGroupSamples(db, missing.slice(from, from + SLICE));
      for (const [at, { group, exceptionType, sample }] of samples.entries()) {
        if (at % PARSED_AT_ONCE === 0) await otherWork();
        index.add(group, featuresOf(readError(sample).chain));
        typeOf.set(group, exceptionType);
      }
    }
  };
  /** Those who ask at the same time wait for the same refreshment. */
  const refreshOnce = (): Promise<void> => {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };

  return {
    async find(name, { limit, sameType }) {
      const asked = await findErrorGroup(db, name);
      if (asked === null) throw new HarbingerError("NOT_FOUND", "there is no such group of errors");
      await refreshOnce();
      const features = featuresOf(readError(asked.sample).chain);
      const accept = (group: string): boolean =>
        group !== asked.fingerprint && (!sameType || typeOf.get(group) === asked.exceptionType);
      const found = index.search(features, { limit, accept });
      const groups = await findErrorGroups(
        db,
        found.map(({ id }) => id),
      );
      const groupOf = new Map(groups.map((group) => [group.fingerprint, group]));
      return found.flatMap(({ id, similarity, families }): SimilarGroup[] => {
        const group = groupOf.get(id);
        return group === undefined ? [] : [{ group, similarity, families }];
      });
    },
  };
}
