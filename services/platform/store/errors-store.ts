/** Error groups: errors that are the same problem, by fingerprint, overall and per service. */
import { sql } from "kysely";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { EpochMs, ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";
import { jsonLines } from "./json-lines.ts";

export interface ErrorGroup {
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

/** Groups, most recently seen first.
 *  @param serviceId counts and times are then those within this service; null for all services together
 *  @param page `after`: the last group of the page before */
export async function readErrorGroups(
  db: Database,
  serviceId: number | null,
  page: { limit: number; after?: { lastSeenMs: EpochMs; fingerprint: string } },
): Promise<ErrorGroup[]> {
  const { after } = page;
  if (serviceId === null) {
    let select = db
      .selectFrom("error_groups")
      .selectAll()
      .orderBy("last_seen_ms", "desc")
      .orderBy("fingerprint")
      .limit(page.limit);
    if (after !== undefined) {
      select = select.where((where) =>
        where.or([
          where("last_seen_ms", "<", after.lastSeenMs),
          where.and([where("last_seen_ms", "=", after.lastSeenMs), where("fingerprint", ">", after.fingerprint)]),
        ]),
      );
    }
    return (await select.execute()).map(toGroup);
  }
  let select = db
    .selectFrom("error_group_services as seen")
    .innerJoin("error_groups as groups", "groups.fingerprint", "seen.fingerprint")
    .select([
      "groups.fingerprint",
      "groups.exception_type",
      "groups.template",
      "groups.sample",
      "groups.class",
      "groups.probability",
      "groups.abstained",
      "seen.first_seen_ms",
      "seen.last_seen_ms",
      "seen.error_count",
    ])
    .where("seen.service_id", "=", serviceId)
    .orderBy("seen.last_seen_ms", "desc")
    .orderBy("groups.fingerprint")
    .limit(page.limit);
  if (after !== undefined) {
    select = select.where((where) =>
      where.or([
        where("seen.last_seen_ms", "<", after.lastSeenMs),
        where.and([
          where("seen.last_seen_ms", "=", after.lastSeenMs),
          where("groups.fingerprint", ">", after.fingerprint),
        ]),
      ]),
    );
  }
  return (await select.execute()).map(toGroup);
}

export async function findErrorGroup(db: Database, fingerprint: string): Promise<ErrorGroup | null> {
  const row = await db.selectFrom("error_groups").selectAll().where("fingerprint", "=", fingerprint).executeTakeFirst();
  return row === undefined ? null : toGroup(row);
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
 *  @returns whether there is such a group */
export async function reclassifyGroup(
  db: Database,
  fingerprint: string,
  verdict: { class: ErrorVerdict; probability: number; abstained: boolean },
): Promise<boolean> {
  const result = await db
    .updateTable("error_groups")
    .set({ class: verdict.class, probability: verdict.probability, abstained: verdict.abstained })
    .where("fingerprint", "=", fingerprint)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
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

/** Adds counts to groups, creating those that are new. The sample stays the first one that was merged; the class becomes that of the
 *  newest event, whatever the order in which they come.
 *  @param groups ascending by fingerprint, each once
 *  @param known which of them have a row: their samples need not travel */
export async function addToErrorGroups(
  db: Database,
  groups: readonly ErrorGroup[],
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

async function upsertGroups(db: Database, groups: readonly ErrorGroup[]): Promise<void> {
  if (groups.length === 0) return;
  const isNewest = sql`(excluded.last_seen_ms, excluded.class, excluded.probability) >=
    (error_groups.last_seen_ms, error_groups.class, error_groups.probability)`;
  await sql`
    insert into error_groups (fingerprint, exception_type, template, sample, class, probability, abstained,
      first_seen_ms, last_seen_ms, error_count)
    select fingerprint, exception_type, template, sample::jsonb, class, probability, abstained, first_ms, last_ms, count
    from unnest(${groups.map((one) => one.fingerprint)}::text[], ${groups.map((one) => one.exceptionType)}::text[],
      ${groups.map((one) => one.template)}::text[], ${jsonLines(groups.map((one) => one.sample))},
      ${groups.map((one) => one.class)}::text[], ${groups.map((one) => one.probability)}::real[],
      ${groups.map((one) => one.abstained)}::boolean[], ${groups.map((one) => one.firstSeenMs)}::bigint[],
      ${groups.map((one) => one.lastSeenMs)}::bigint[], ${groups.map((one) => one.errorCount)}::bigint[])
      as seen (fingerprint, exception_type, template, sample, class, probability, abstained, first_ms, last_ms, count)
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

function toGroup(row: {
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
}): ErrorGroup {
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
