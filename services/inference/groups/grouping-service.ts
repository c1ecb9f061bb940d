/** Operators merge and split groups of errors, and undo it. Each change is checked against those that stand, written once, and counts from
 *  the next job of every worker and the next answer of every process on. Knows no HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { foldRegrouping, type Regrouping, type RegroupingStep } from "../../../models/grouping/regrouping.ts";
import { LABEL_SETTLING_MS } from "../../platform/classification/label-follower.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import { lockUntilCommit } from "../../platform/store/advisory-lock.ts";
import type { Database } from "../../platform/store/database.ts";
import { findErrorGroups, OTHER_GROUP } from "../../platform/store/errors-store.ts";
import {
  findGroupingChange,
  findGroupingChangeByKey,
  findUndoing,
  type GroupingChange,
  insertGroupingChange,
  moveMembers,
  readMembers,
  readStandingSteps,
} from "../../platform/store/grouping-store.ts";
import type { GroupingEffect } from "../../platform/store/grouping-tables.ts";
import { tickLabelClock } from "../../platform/store/labels-store.ts";
import { invalid } from "../http/validation.ts";

interface NewGroupingChange {
  step: RegroupingStep;
  /** groups of different exception types may be merged (default: refused) */
  acrossTypes: boolean;
  operator: string | null;
  comment: string | null;
  idempotencyKey: string | null;
  requestHash: string;
}

type ChangeRow = Omit<GroupingChange, "seq">;

export interface GroupingService {
  /** @throws NOT_FOUND for a group that no error is in, CONFLICT for a step that does not fit those that stand, INVALID_INPUT for a
   *  merge across exception types that was not asked for, or a key that was used for another request */
  change(request: NewGroupingChange): Promise<{ change: ChangeRow; repeated: boolean }>;
  /** Undoing twice gives the first undoing.
   *  @throws NOT_FOUND, and CONFLICT when later changes build on it or it is an undoing itself */
  undo(id: string, operator: string | null): Promise<{ change: ChangeRow; repeated: boolean }>;
}

/** Moves that an answer and the log show one by one. */
const SHOWN_MOVES = 100;

export function createGroupingService({
  db,
  clock,
  newId,
}: {
  db: Database;
  clock: Clock;
  newId: NewId;
}): GroupingService {
  /** Brings what is stored in line with the steps, and every process to notice. */
  const settle = async (tx: Database, regrouping: Regrouping): Promise<GroupingEffect> => {
    // Feedback takes this clock's lock before it writes groups; in the same order nobody waits in a circle.
    await tickLabelClock(tx);
    const moved = (await readMembers(tx)).flatMap(({ member, group }) => {
      const to = member === OTHER_GROUP ? OTHER_GROUP : regrouping.groupOf(member);
      return to === group ? [] : [{ member, from: group, to }];
    });
    await moveMembers(tx, moved);
    return { movedCount: moved.length, moved: moved.slice(0, SHOWN_MOVES) };
  };

  const write = async (tx: Database, row: ChangeRow): Promise<{ change: ChangeRow; repeated: false }> => {
    await insertGroupingChange(tx, row);
    return { change: row, repeated: false };
  };

  /** Once this is answered, every process goes by the change. */
  const settled = async <Result>(change: (tx: Database) => Promise<Result>): Promise<Result> => {
    const result = await db.transaction().execute(change);
    await sleep(LABEL_SETTLING_MS);
    return result;
  };

  return {
    change(request) {
      return settled(async (tx) => {
        // From here on no job adds errors by the old grouping, and no other change comes between.
        await lockUntilCommit(tx, "merging");
        const earlier = await earlierAnswer(tx, request);
        if (earlier !== null) return { change: earlier, repeated: true };
        const { step, operator, comment, idempotencyKey, requestHash } = request;
        await requireGroups(tx, request);
        const standing = (await readStandingSteps(tx)).map((known) => known.step);
        const { regrouping, misfits } = foldRegrouping([...standing, step]);
        const misfit = misfits.get(standing.length);
        if (misfit !== undefined) throw new HarbingerError("CONFLICT", misfit);
        const effect = await settle(tx, regrouping);
        const about = { id: newId(), idempotencyKey, requestHash, step, undoes: null, operator, comment };
        return write(tx, { ...about, createdAtMs: clock.now(), effect });
      });
    },

    undo(id, operator) {
      return settled(async (tx) => {
        await lockUntilCommit(tx, "merging");
        const undone = await findGroupingChange(tx, id);
        if (undone === null) throw new HarbingerError("NOT_FOUND", "there is no such change of the grouping");
        if (undone.step === null)
          throw new HarbingerError("CONFLICT", "an undoing cannot be undone: make the change again");
        const earlier = await findUndoing(tx, id);
        if (earlier !== null) return { change: earlier, repeated: true };
        const standing = (await readStandingSteps(tx)).filter((known) => known.id !== id);
        const { regrouping, misfits } = foldRegrouping(standing.map((known) => known.step));
        const dependent = [...misfits.keys()].map((index) => standing[index]!.id);
        if (dependent.length > 0) {
          throw new HarbingerError("CONFLICT", "later changes build on this one: undo them first", {
            details: { dependentChanges: dependent },
          });
        }
        const effect = await settle(tx, regrouping);
        const about = { id: newId(), idempotencyKey: null, requestHash: null, step: null, undoes: id, operator };
        return write(tx, { ...about, comment: null, createdAtMs: clock.now(), effect });
      });
    },
  };
}

async function earlierAnswer(
  tx: Database,
  { idempotencyKey, requestHash }: NewGroupingChange,
): Promise<GroupingChange | null> {
  if (idempotencyKey === null) return null;
  const earlier = await findGroupingChangeByKey(tx, idempotencyKey);
  if (earlier !== null && earlier.requestHash !== requestHash)
    throw invalid([{ path: "headers.idempotency-key", message: "this key was used for another request" }]);
  return earlier;
}

/** What errors are to land in has to exist; what was merged away is named by its former group, which the fold knows. */
async function requireGroups(tx: Database, { step, acrossTypes }: NewGroupingChange): Promise<void> {
  const names =
    step.kind === "merge" ? [step.into, ...step.groups] : step.kind === "split" ? [step.group] : [step.from];
  if (names.includes(OTHER_GROUP))
    throw invalid([{ path: "body", message: `${OTHER_GROUP} holds errors of all kinds and stays as it is` }]);
  const groups = await findErrorGroups(tx, names);
  const known = new Set(groups.map(({ fingerprint }) => fingerprint));
  const standing = foldRegrouping((await readStandingSteps(tx)).map((one) => one.step)).regrouping;
  // A group that is merged or split away is a conflict with a reason, not an unknown name.
  const unknown = names.filter((name) => !known.has(name) && standing.isOpen(name));
  if (unknown.length > 0)
    throw new HarbingerError("NOT_FOUND", `no error of these groups has been seen: ${unknown.join(", ")}`);
  const types = new Set(groups.map(({ exceptionType }) => exceptionType));
  if (step.kind === "merge" && types.size > 1 && !acrossTypes) {
    const message = "these groups have different exception types; say acrossTypes if they are one problem nevertheless";
    throw invalid([{ path: "body.groups", message }]);
  }
}
