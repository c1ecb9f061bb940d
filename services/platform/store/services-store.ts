/** Services: who ever sent anything. Their number is bounded; later names share one row, `_OTHER`. */
import { sql } from "kysely";
import type { EpochMs, ServiceIdentity } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

export interface ServiceRow extends ServiceIdentity {
  id: number;
  /** telemetry.sdk.language */
  language: string | null;
  firstEventMs: EpochMs;
  lastEventMs: EpochMs;
  /** silent for so long that it gets no empty windows any more */
  retired: boolean;
}

/** The row that every service beyond the limit shares. */
export const OTHER_SERVICE: ServiceIdentity = { namespace: "", name: "_OTHER", environment: "" };

export async function findService(db: Database, identity: ServiceIdentity): Promise<ServiceRow | null> {
  const row = await selectServices(db)
    .where("namespace", "=", identity.namespace)
    .where("name", "=", identity.name)
    .where("environment", "=", identity.environment)
    .executeTakeFirst();
  return row ?? null;
}

/** In order of id.
 *  @param page `after`: the last id of the page before */
export async function listServices(db: Database, page: { limit: number; after?: number }): Promise<ServiceRow[]> {
  return selectServices(db)
    .where("id", ">", page.after ?? 0)
    .orderBy("id")
    .limit(page.limit)
    .execute();
}

/** Those of the ids that are known, in no order. */
export async function readServices(db: Database, ids: readonly number[]): Promise<ServiceRow[]> {
  if (ids.length === 0) return [];
  return selectServices(db)
    .where("id", "in", [...ids])
    .execute();
}

/** Ids of the services that are known.
 *  @returns by `identityKey` */
export async function findServiceIds(
  db: Database,
  identities: readonly ServiceIdentity[],
): Promise<Map<string, number>> {
  if (identities.length === 0) return new Map();
  const { rows } = await sql<ServiceIdentity & { id: number }>`
    select services.id, services.namespace, services.name, services.environment
    from unnest(${identities.map((one) => one.namespace)}::text[], ${identities.map((one) => one.name)}::text[],
      ${identities.map((one) => one.environment)}::text[]) as wanted (namespace, name, environment)
    join services using (namespace, name, environment)`.execute(db);
  return new Map(rows.map((row) => [identityKey(row), row.id]));
}

export interface NewService extends ServiceIdentity {
  firstEventMs: EpochMs;
  lastEventMs: EpochMs;
  mergedAtMs: EpochMs;
}

/** Adds services that are not known, as long as there is room; the caller holds the lock that makes counting and adding one step.
 *  @param room how many may be added at most
 *  @returns ids by `identityKey` */
export async function addServices(
  db: Database,
  services: readonly NewService[],
  room: number,
): Promise<Map<string, number>> {
  const admitted = services.slice(0, Math.max(0, room));
  if (admitted.length === 0) return new Map();
  const { rows } = await sql<ServiceIdentity & { id: number }>`
    insert into services (namespace, name, environment, first_event_ms, last_event_ms, last_merged_ms)
    select * from unnest(${admitted.map((one) => one.namespace)}::text[], ${admitted.map((one) => one.name)}::text[],
      ${admitted.map((one) => one.environment)}::text[], ${admitted.map((one) => one.firstEventMs)}::bigint[],
      ${admitted.map((one) => one.lastEventMs)}::bigint[], ${admitted.map((one) => one.mergedAtMs)}::bigint[])
    on conflict (namespace, name, environment) do nothing
    returning id, namespace, name, environment`.execute(db);
  return new Map(rows.map((row) => [identityKey(row), row.id]));
}

export async function countServices(db: Database): Promise<number> {
  const row = await db
    .selectFrom("services")
    .select((select) => select.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return row.count;
}

export interface ServiceActivity {
  id: number;
  firstEventMs: EpochMs;
  lastEventMs: EpochMs;
  language: string | null;
}

/** Widens the spans of activity.
 *  @param activity in ascending order of id, each once */
export async function touchServices(
  db: Database,
  activity: readonly ServiceActivity[],
  mergedAtMs: EpochMs,
): Promise<void> {
  if (activity.length === 0) return;
  await sql`
    update services
    set first_event_ms = least(services.first_event_ms, seen.first_ms),
        last_event_ms = greatest(services.last_event_ms, seen.last_ms),
        last_merged_ms = greatest(services.last_merged_ms, ${mergedAtMs}::bigint),
        language = coalesce(seen.language, services.language)
    from unnest(${activity.map((one) => one.id)}::int[], ${activity.map((one) => one.firstEventMs)}::bigint[],
      ${activity.map((one) => one.lastEventMs)}::bigint[], ${activity.map((one) => one.language)}::text[])
      as seen (id, first_ms, last_ms, language)
    where services.id = seen.id`.execute(db);
}

/** One text per identity. */
export function identityKey({ namespace, name, environment }: ServiceIdentity): string {
  return `${namespace}\u0000${name}\u0000${environment}`;
}

function selectServices(db: Database) {
  return db
    .selectFrom("services")
    .select([
      "id",
      "namespace",
      "name",
      "environment",
      "language",
      "first_event_ms as firstEventMs",
      "last_event_ms as lastEventMs",
      "retired",
    ]);
}
