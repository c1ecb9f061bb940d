/** Which errors keep a group of their own: known groups, new ones as long as there is room, and `_OTHER` for the rest. A flood of errors
 *  that are all different must not grow the database without bound. */
import { lockUntilCommit } from "../../platform/store/advisory-lock.ts";
import type { Database } from "../../platform/store/database.ts";
import { countGroups, findGroups, OTHER_GROUP } from "../../platform/store/errors-store.ts";
import type { IdentifiedError } from "./identify-errors.ts";

export interface GroupAdmission {
  /** in the order given; those beyond the limit are of the group `_OTHER`, and keep their class */
  errors: IdentifiedError[];
  /** groups among them that have a row */
  known: ReadonlySet<string>;
  otherCount: number;
}

/** @param maxGroups rows beside `_OTHER` */
export async function admitGroups(
  transaction: Database,
  errors: readonly IdentifiedError[],
  maxGroups: number,
): Promise<GroupAdmission> {
  const fingerprints = [...new Set(errors.map(({ fingerprint }) => fingerprint))].sort();
  const known = await findGroups(transaction, fingerprints);
  if (fingerprints.every((fingerprint) => known.has(fingerprint))) return { errors: [...errors], known, otherCount: 0 };

  await lockUntilCommit(transaction, "groups");
  // Somebody may have added them while we waited.
  const unknown = fingerprints.filter((fingerprint) => !known.has(fingerprint));
  for (const fingerprint of await findGroups(transaction, [...unknown, OTHER_GROUP])) known.add(fingerprint);
  const room = Math.max(0, maxGroups - (await countGroups(transaction)));
  const beyond = new Set(unknown.filter((fingerprint) => !known.has(fingerprint)).slice(room));
  const admitted = errors.map((error) =>
    beyond.has(error.fingerprint)
      ? {
          ...error,
          fingerprint: OTHER_GROUP,
          group: OTHER_GROUP,
          template: "errors beyond the limit of groups",
          exceptionType: null,
        }
      : error,
  );
  const otherCount = errors.filter(({ fingerprint }) => beyond.has(fingerprint)).length;
  return { errors: admitted, known, otherCount };
}
