/** The grouping as it stands, held by one process and folded again when operators have changed it. */
import { foldRegrouping, PLAIN_GROUPING, type Regrouping } from "../../../models/grouping/regrouping.ts";
import type { Database } from "../store/database.ts";
import { readGroupingVersion, readStandingSteps } from "../store/grouping-store.ts";

export interface GroupingSource {
  /** One small query when nothing has changed.
   *  @param db a transaction that holds the merging lock where the answer must not be overtaken */
  current(db: Database): Promise<Regrouping>;
}

export function createGroupingSource(): GroupingSource {
  let held = { version: 0, regrouping: PLAIN_GROUPING };
  return {
    async current(db) {
      const version = await readGroupingVersion(db);
      if (version !== held.version) held = { version, regrouping: await readRegrouping(db) };
      return held.regrouping;
    },
  };
}

export async function readRegrouping(db: Database): Promise<Regrouping> {
  return foldRegrouping((await readStandingSteps(db)).map(({ step }) => step)).regrouping;
}
