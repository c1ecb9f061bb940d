/** Operators' changes to the grouping, append-only, and the groups that counted errors are shown in. Whoever writes here holds the merging
 *  lock exclusively, so that no job adds errors by an older grouping. */
import { type Selectable, sql } from "kysely";
import type { RegroupingStep } from "../../../models/grouping/regrouping.ts";
import type { Database } from "./database.ts";
import type { GroupingEffect, GroupingTables } from "./grouping-tables.ts";

export interface GroupingChange {
  id: string;
  /** rises with each change */
  seq: number;
  idempotencyKey: string | null;
  requestHash: string | null;
  /** null when it undoes another change */
  step: RegroupingStep | null;
  undoes: string | null;
  operator: string | null;
  comment: string | null;
  createdAtMs: number;
  effect: GroupingEffect;
}

export interface StandingStep {
  id: string;
  step: RegroupingStep;
}

/** @returns 0 before the first change */
export async function readGroupingVersion(db: Database): Promise<number> {
  const row = await db
    .selectFrom("grouping_changes")
    .select((select) => select.fn.max("seq").as("seq"))
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

/** Steps that nobody has undone, in the order in which they were taken. */
export async function readStandingSteps(db: Database): Promise<StandingStep[]> {
  const rows = await db
    .selectFrom("grouping_changes as change")
    .leftJoin("grouping_changes as undoing", "undoing.undoes", "change.id")
    .select(["change.id", "change.step"])
    .where("undoing.id", "is", null)
    .orderBy("change.seq")
    .execute();
  return rows.flatMap(({ id, step }) => (step === null ? [] : [{ id, step }]));
}

export async function insertGroupingChange(db: Database, change: Omit<GroupingChange, "seq">): Promise<void> {
  await db
    .insertInto("grouping_changes")
    .values({
      id: change.id,
      idempotency_key: change.idempotencyKey,
      request_hash: change.requestHash,
      step: change.step === null ? null : JSON.stringify(change.step),
      undoes: change.undoes,
      operator: change.operator,
      comment: change.comment,
      created_at_ms: change.createdAtMs,
      effect: JSON.stringify(change.effect),
    })
    .execute();
}

export async function findGroupingChange(db: Database, id: string): Promise<GroupingChange | null> {
  const row = await db.selectFrom("grouping_changes").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toChange(row);
}

export async function findGroupingChangeByKey(db: Database, idempotencyKey: string): Promise<GroupingChange | null> {
  const row = await db
    .selectFrom("grouping_changes")
    .selectAll()
    .where("idempotency_key", "=", idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? null : toChange(row);
}

/** The change that undoes another one, if there is one. */
export async function findUndoing(db: Database, id: string): Promise<GroupingChange | null> {
  const row = await db.selectFrom("grouping_changes").selectAll().where("undoes", "=", id).executeTakeFirst();
  return row === undefined ? null : toChange(row);
}

/** Newest first. */
export async function readGroupingChanges(
  db: Database,
  page: { limit: number; beforeSeq?: number },
): Promise<(GroupingChange & { undoneBy: string | null })[]> {
  let select = db
    .selectFrom("grouping_changes as change")
    .leftJoin("grouping_changes as undoing", "undoing.undoes", "change.id")
    .selectAll("change")
    .select("undoing.id as undone_by")
    .orderBy("change.seq", "desc")
    .limit(page.limit);
  if (page.beforeSeq !== undefined) select = select.where("change.seq", "<", page.beforeSeq);
  return (await select.execute()).map((row) => ({ ...toChange(row), undoneBy: row.undone_by }));
}

/** Every counted kind of error, and the group that it is shown in. */
export async function readMembers(db: Database): Promise<{ member: string; group: string }[]> {
  return db
    .selectFrom("error_groups")
    .select(["fingerprint as member", "group_key as group"])
    .orderBy("fingerprint")
    .execute();
}

/** @param moves in order of member */
export async function moveMembers(db: Database, moves: readonly { member: string; to: string }[]): Promise<void> {
  if (moves.length === 0) return;
  await sql`
    update error_groups set group_key = moved.group_key
    from unnest(${moves.map(({ member }) => member)}::text[], ${moves.map(({ to }) => to)}::text[])
      as moved (fingerprint, group_key)
    where error_groups.fingerprint = moved.fingerprint`.execute(db);
}

function toChange(row: Selectable<GroupingTables["grouping_changes"]>): GroupingChange {
  return {
    id: row.id,
    seq: Number(row.seq),
    idempotencyKey: row.idempotency_key,
    requestHash: row.request_hash,
    step: row.step,
    undoes: row.undoes,
    operator: row.operator,
    comment: row.comment,
    createdAtMs: row.created_at_ms,
    effect: row.effect,
  };
}
