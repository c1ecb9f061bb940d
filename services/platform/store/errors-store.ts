/** Error groups: errors that are the same problem, overall and per service. Rows are kinds of error as they are counted, one per member of a
 *  group (models/grouping/regrouping.ts); `group_key` says which group shows them. */
import { type RawBuilder, sql } from "kysely";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { EpochMs, ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { jsonLines } from "./json-lines.ts";

export interface ErrorGroup {
  /** the group's name: the fingerprint after which it is named, and the parts by which it was split off */
  fingerprint: string;
  exceptionType: string | null;
  template: string;
  /** the first record of the group that was merged */
  sample: ErrorRecord;
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
  firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  errorCount: number;
}

/** Groups as operators' merges and splits have them now, most recently seen first.
 *  @param serviceId counts and times are then those within this service; null for all services together
 *  @param page `after`: the last group of the page before */
export async function readErrorGroups(
  db: Database,
  serviceId: number | null,
  page: { limit: number; after?: { lastSeenMs: EpochMs; fingerprint: string } },
): Promise<ErrorGroup[]> {
  const { after } = page;
  const counted =
    serviceId === null
      ? sql`error_groups`
      : sql`(select known.group_key, seen.first_seen_ms, seen.last_seen_ms, seen.error_count
          from error_group_services as seen join error_groups as known using (fingerprint)
          where seen.service_id = ${serviceId})`;
  const later =
    after === undefined
      ? sql`true`
      : sql`max(last_seen_ms) < ${after.lastSeenMs}::bigint
          or (max(last_seen_ms) = ${after.lastSeenMs}::bigint and group_key > ${after.fingerprint})`;
  return readGroupsOf(
    db,
    sql`select group_key, min(first_seen_ms) as first_seen_ms, max(last_seen_ms) as last_seen_ms,
        sum(error_count)::bigint as error_count
      from ${counted} as counted group by group_key having ${later}
      order by max(last_seen_ms) desc, group_key limit ${page.limit}`,
  );
}

/** @param name of the group, or of a kind of error that is counted in it */
export async function findErrorGroup(db: Database, name: string): Promise<ErrorGroup | null> {
  const [group] = await readGroupsOf(
    db,
    sql`select group_key, min(first_seen_ms) as first_seen_ms, max(last_seen_ms) as last_seen_ms,
        sum(error_count)::bigint as error_count
      from error_groups where group_key = ${groupNamed(name)} group by group_key`,
  );
  return group ?? null;
}

/** @returns those that exist, most recently seen first */
export async function findErrorGroups(db: Database, groups: readonly string[]): Promise<ErrorGroup[]> {
  if (groups.length === 0) return [];
  return readGroupsOf(
    db,
    sql`select group_key, min(first_seen_ms) as first_seen_ms, max(last_seen_ms) as last_seen_ms,
        sum(error_count)::bigint as error_count
      from error_groups where group_key = any(${[...groups]}::text[]) group by group_key`,
  );
}

/** A group shows the type, template and sample of the fingerprint that it is named after, and the class of its newest event.
 *  @param counted rows of group_key, first_seen_ms, last_seen_ms, error_count */
async function readGroupsOf(db: Database, counted: RawBuilder<unknown>): Promise<ErrorGroup[]> {
  const { rows } = await sql<GroupRow>`
    with shown as (${counted})
    select shown.group_key as fingerprint, face.exception_type, face.template, face.sample,
      newest.class, newest.probability, newest.abstained, shown.first_seen_ms, shown.last_seen_ms, shown.error_count
    from shown
    cross join lateral (
      select exception_type, template, sample from error_groups
      where group_key = shown.group_key
      order by fingerprint <> shown.group_key, first_seen_ms, fingerprint limit 1) as face
    cross join lateral (
      select class, probability, abstained from error_groups
      where group_key = shown.group_key
      order by last_seen_ms desc, class desc, probability desc, fingerprint limit 1) as newest
    order by shown.last_seen_ms desc, shown.group_key`.execute(db);
  return rows.map(toGroup);
}

/** The group of that name, else the group in which a kind of error of that name is counted. */
function groupNamed(name: string): RawBuilder<unknown> {
  return sql`(select group_key from error_groups where group_key = ${name} or fingerprint = ${name}
    order by group_key <> ${name} limit 1)`;
}

export type SeenKind = Pick<ErrorGroup, "class" | "sample">;

/** Groups by when they were first seen, the newest ones. */
export async function readKindsSeen(
  db: Database,
  range: { fromMs: EpochMs; toMs: EpochMs; limit: number },
): Promise<SeenKind[]> {
  return db
    .selectFrom("error_groups")
    .select(["class", "sample"])
    .where("first_seen_ms", ">=", range.fromMs)
    .where("first_seen_ms", "<", range.toMs)
    .where("fingerprint", "<>", OTHER_GROUP)
    .orderBy("first_seen_ms", "desc")
    .orderBy("fingerprint")
    .limit(range.limit)
    .execute();
}

/** The most recent groups of one exception type.
 *  @param exceptionType null: errors without one */
export async function readGroupsOfType(
  db: Database,
  exceptionType: string | null,
  limit: number,
): Promise<ErrorGroup[]> {
  const rows = await db
    .selectFrom("error_groups")
    .selectAll()
    .where("exception_type", exceptionType === null ? "is" : "=", exceptionType)
    .orderBy("last_seen_ms", "desc")
    .orderBy("fingerprint")
    .limit(limit)
    .execute();
  return rows.map(toGroup);
}

/** What a group is said to be from now on; windows keep the class their errors had when they were counted.
 *  @param name as in `findErrorGroup`
 *  @returns whether there is such a group */
export async function reclassifyGroup(
  db: Database,
  name: string,
  verdict: { class: ErrorVerdict; probability: number; abstained: boolean },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    with locked as (
      select fingerprint from error_groups where group_key = ${groupNamed(name)} order by fingerprint for update)
    update error_groups
    set class = ${verdict.class}, probability = ${verdict.probability}, abstained = ${verdict.abstained}
    from locked where error_groups.fingerprint = locked.fingerprint`.execute(db);
  return Number(numAffectedRows ?? 0n) > 0;
}

/** Remembers errors as counted.
 *  @param sightings ascending by key (in hex), each once
 *  @returns keys, in hex, that had not been seen before */
export async function recordSightings(
  db: Database,
  sightings: readonly { key: string; eventMs: EpochMs }[],
): Promise<Set<string>> {
  if (sightings.length === 0) return new Set();
  const { rows } = await sql<{ key: string }>`
    insert into error_sightings (key, event_ms)
    select decode(key, 'hex'), event_ms
    from unnest(${sightings.map((one) => one.key)}::text[], ${sightings.map((one) => one.eventMs)}::bigint[])
      as seen (key, event_ms)
    on conflict (key) do nothing
    returning encode(key, 'hex') as key`.execute(db);
  return new Set(rows.map((row) => row.key));
}

/** The group that all errors beyond the limit share. */
export const OTHER_GROUP = "_OTHER";

/** @returns those of the fingerprints that have a group */
export async function findGroups(db: Database, fingerprints: readonly string[]): Promise<Set<string>> {
  if (fingerprints.length === 0) return new Set();
  const { rows } = await sql<{ fingerprint: string }>`
    select fingerprint from error_groups where fingerprint = any(${[...fingerprints]}::text[])`.execute(db);
  return new Set(rows.map((row) => row.fingerprint));
}

/** Groups beside `_OTHER`. */
export async function countGroups(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from error_groups where fingerprint <> ${OTHER_GROUP}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** What a kind of error adds. `fingerprint` is its name as a member: what merges do not change. */
export interface ErrorGroupAddition extends ErrorGroup {
  /** the group that it is shown in; absent: its own */
  group?: string;
}

/** Adds counts to groups, creating those that are new. The sample stays the first one that was merged; the class becomes that of the
 *  newest event, whatever the order in which they come.
 *  @param groups ascending by fingerprint, each once
 *  @param known which of them have a row: their samples need not travel */
export async function addToErrorGroups(
  db: Database,
  groups: readonly ErrorGroupAddition[],
  known: ReadonlySet<string> = new Set(),
): Promise<void> {
  const updated = await updateGroups(
    db,
    groups.filter(({ fingerprint }) => known.has(fingerprint)),
  );
  // Retention may have taken one of them away meanwhile.
  await upsertGroups(
    db,
    groups.filter(({ fingerprint }) => !updated.has(fingerprint)),
  );
}

async function updateGroups(db: Database, groups: readonly ErrorGroup[]): Promise<Set<string>> {
  if (groups.length === 0) return new Set();
  const fingerprints = groups.map((one) => one.fingerprint);
  const isNewest = sql`(seen.last_ms, seen.class, seen.probability) >=
    (error_groups.last_seen_ms, error_groups.class, error_groups.probability)`;
  const { rows } = await sql<{ fingerprint: string }>`
    with locked as (
      select fingerprint from error_groups where fingerprint = any(${fingerprints}::text[])
      order by fingerprint for update)
    update error_groups
    set class = case when ${isNewest} then seen.class else error_groups.class end,
        probability = case when ${isNewest} then seen.probability else error_groups.probability end,
        abstained = case when ${isNewest} then seen.abstained else error_groups.abstained end,
        first_seen_ms = least(error_groups.first_seen_ms, seen.first_ms),
        last_seen_ms = greatest(error_groups.last_seen_ms, seen.last_ms),
        error_count = error_groups.error_count + seen.count
    from unnest(${fingerprints}::text[], ${groups.map((one) => one.class)}::text[],
      ${groups.map((one) => one.probability)}::real[], ${groups.map((one) => one.abstained)}::boolean[],
      ${groups.map((one) => one.firstSeenMs)}::bigint[], ${groups.map((one) => one.lastSeenMs)}::bigint[],
      ${groups.map((one) => one.errorCount)}::bigint[])
      as seen (fingerprint, class, probability, abstained, first_ms, last_ms, count)
      join locked using (fingerprint)
    where error_groups.fingerprint = seen.fingerprint
    returning error_groups.fingerprint`.execute(db);
  return new Set(rows.map((row) => row.fingerprint));
}

async function upsertGroups(db: Database, groups: readonly ErrorGroupAddition[]): Promise<void> {
  if (groups.length === 0) return;
  const isNewest = sql`(excluded.last_seen_ms, excluded.class, excluded.probability) >=
    (error_groups.last_seen_ms, error_groups.class, error_groups.probability)`;
  await sql`
    insert into error_groups (fingerprint, group_key, exception_type, template, sample, class, probability, abstained,
      first_seen_ms, last_seen_ms, error_count)
    select fingerprint, group_key, exception_type, template, sample::jsonb, class, probability, abstained, first_ms, last_ms, count
    from unnest(${groups.map((one) => one.fingerprint)}::text[],
      ${groups.map((one) => one.group ?? one.fingerprint)}::text[], ${groups.map((one) => one.exceptionType)}::text[],
      ${groups.map((one) => one.template)}::text[], ${jsonLines(groups.map((one) => one.sample))},
      ${groups.map((one) => one.class)}::text[], ${groups.map((one) => one.probability)}::real[],
      ${groups.map((one) => one.abstained)}::boolean[], ${groups.map((one) => one.firstSeenMs)}::bigint[],
      ${groups.map((one) => one.lastSeenMs)}::bigint[], ${groups.map((one) => one.errorCount)}::bigint[])
      as seen (fingerprint, group_key, exception_type, template, sample, class, probability, abstained, first_ms, last_ms, count)
    on conflict (fingerprint) do update
    set class = case when ${isNewest} then excluded.class else error_groups.class end,
        probability = case when ${isNewest} then excluded.probability else error_groups.probability end,
        abstained = case when ${isNewest} then excluded.abstained else error_groups.abstained end,
        first_seen_ms = least(error_groups.first_seen_ms, excluded.first_seen_ms),
        last_seen_ms = greatest(error_groups.last_seen_ms, excluded.last_seen_ms),
        error_count = error_groups.error_count + excluded.error_count`.execute(db);
}

export interface ErrorGroupActivity {
  fingerprint: string;
  serviceId: number;
  firstSeenMs: EpochMs;
  lastSeenMs: EpochMs;
  errorCount: number;
}

/** @param activity ascending by fingerprint, then service; each pair once */
export async function addToErrorGroupServices(db: Database, activity: readonly ErrorGroupActivity[]): Promise<void> {
  if (activity.length === 0) return;
  await sql`
    insert into error_group_services (fingerprint, service_id, first_seen_ms, last_seen_ms, error_count)
    select * from unnest(${activity.map((one) => one.fingerprint)}::text[], ${activity.map((one) => one.serviceId)}::int[],
      ${activity.map((one) => one.firstSeenMs)}::bigint[], ${activity.map((one) => one.lastSeenMs)}::bigint[],
      ${activity.map((one) => one.errorCount)}::bigint[])
    on conflict (fingerprint, service_id) do update
    set first_seen_ms = least(error_group_services.first_seen_ms, excluded.first_seen_ms),
        last_seen_ms = greatest(error_group_services.last_seen_ms, excluded.last_seen_ms),
        error_count = error_group_services.error_count + excluded.error_count`.execute(db);
}

interface GroupRow {
  fingerprint: string;
  exception_type: string | null;
  template: string;
  sample: ErrorRecord;
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
  first_seen_ms: number;
  last_seen_ms: number;
  error_count: number;
}

function toGroup(row: GroupRow): ErrorGroup {
  return {
    fingerprint: row.fingerprint,
    exceptionType: row.exception_type,
    template: row.template,
    sample: row.sample,
    class: row.class,
    probability: row.probability,
    abstained: row.abstained,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    errorCount: row.error_count,
  };
}
