/** What groups of errors are made of: their members, and the records that stand for them. */
import { sql } from "kysely";
import type { EpochMs, ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { OTHER_GROUP } from "./errors-store.ts";

/** A kind of error as it is counted, whatever is merged. */
export interface GroupMember {
  member: string;
  exceptionType: string | null;
  template: string;
  firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  errorCount: number;
}

/** @returns most frequent first */
export async function readGroupMembers(db: Database, group: string, limit: number): Promise<GroupMember[]> {
  const rows = await db
    .selectFrom("error_groups")
    .selectAll()
    .where("group_key", "=", group)
    .orderBy("error_count", "desc")
    .orderBy("fingerprint")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    member: row.fingerprint,
    exceptionType: row.exception_type,
    template: row.template,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    errorCount: row.error_count,
  }));
}

/** Names of all groups but the one that errors beyond the limit share. */
export async function readGroupNames(db: Database): Promise<string[]> {
  const { rows } = await sql<{ group_key: string }>`
    select distinct group_key from error_groups where group_key <> ${OTHER_GROUP} order by group_key`.execute(db);
  return rows.map((row) => row.group_key);
}

/** The record that each group shows. */
export async function readGroupSamples(
  db: Database,
  groups: readonly string[],
): Promise<{ group: string; exceptionType: string | null; sample: ErrorRecord }[]> {
  if (groups.length === 0) return [];
  const { rows } = await sql<{ group: string; exceptionType: string | null; sample: ErrorRecord }>`
    select distinct on (group_key) group_key as "group", exception_type as "exceptionType", sample
    from error_groups where group_key = any(${[...groups]}::text[])
    order by group_key, fingerprint <> group_key, first_seen_ms, fingerprint`.execute(db);
  return rows;
}
