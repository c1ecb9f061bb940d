/** What closing a window reads and writes, for all services at once. */
import { sql } from "kysely";
import type { EpochMs, ServiceIdentity } from "../../../models/telemetry/records.ts";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";
import type { Database } from "./database.ts";

export interface OpenWindow {
  service: ServiceIdentity & { id: number };
  /** state of the service's newest closed window whose state is known */
  lastFailed: boolean | null;
  /** end of the newest closed window with records; of a service without one, its first event */
  lastActiveMs: EpochMs;
  /** null: nothing arrived in this window */
  stats: WindowStats | null;
}

/** Every service that had begun by the end of the window and is not retired, or has records in it all the same.
 *  @returns ascending by service id */
export async function readClosingWindows(
  db: Database,
  window: { startMs: EpochMs; endMs: EpochMs },
): Promise<OpenWindow[]> {
  const { rows } = await sql<{
    id: number;
    namespace: string;
    name: string;
    environment: string;
    last_failed: boolean | null;
    last_active_ms: number;
    stats: WindowStats | null;
  }>`
    select services.id, services.namespace, services.name, services.environment, services.last_failed,
      coalesce(services.last_active_ms, services.first_event_ms) as last_active_ms, windows.stats
    from services
    left join windows on windows.service_id = services.id and windows.start_ms = ${window.startMs}::bigint
    where windows.stats is not null or (not services.retired and services.first_event_ms < ${window.endMs}::bigint)
    order by services.id`.execute(db);
  return rows.map(({ id, namespace, name, environment, last_failed, last_active_ms, stats }) => ({
    service: { id, namespace, name, environment },
    lastFailed: last_failed,
    lastActiveMs: last_active_ms,
    stats,
  }));
}

export interface ClosedWindow {
  serviceId: number;
  /** whether anything arrived */
  active: boolean;
  failed: boolean | null;
  onset: boolean;
}

/** Marks windows as closed; a silent service gets an empty row. Also remembers when each service was last active and what was last
 *  known of it, and brings retired ones back that have records.
 *  @param closed of all services, ascending by id */
export async function closeWindows(
  db: Database,
  window: { startMs: EpochMs; endMs: EpochMs },
  closed: readonly ClosedWindow[],
): Promise<void> {
  if (closed.length === 0) return;
  const serviceIds = closed.map((one) => one.serviceId);
  const failed = closed.map((one) => one.failed);
  await sql`
    insert into windows (service_id, start_ms, stats, closed, failed, onset)
    select service_id, ${window.startMs}::bigint, ${JSON.stringify(emptyWindowStats())}::jsonb, true, failed, onset
    from unnest(${serviceIds}::int[], ${failed}::boolean[], ${closed.map((one) => one.onset)}::boolean[])
      as judged (service_id, failed, onset)
    on conflict (service_id, start_ms) do update
    set closed = true, failed = excluded.failed, onset = excluded.onset`.execute(db);
  await sql`
    update services
    set last_failed = coalesce(judged.failed, services.last_failed),
        last_active_ms = case when judged.active then ${window.endMs}::bigint else services.last_active_ms end,
        retired = services.retired and not judged.active
    from unnest(${serviceIds}::int[], ${failed}::boolean[], ${closed.map((one) => one.active)}::boolean[])
      as judged (service_id, failed, active)
    where services.id = judged.service_id and (judged.active or judged.failed is not null)`.execute(db);
}

export async function retireServices(db: Database, serviceIds: readonly number[]): Promise<void> {
  if (serviceIds.length === 0) return;
  await sql`update services set retired = true where id = any(${[...serviceIds]}::int[])`.execute(db);
}

/** Kinds of error that each service showed for the first time, by the window in which it did. A part of a kind that was split is not new where
 *  the whole was seen before.
 *  @param range of event time, half-open
 *  @returns rows only where there are some */
export async function countNewFingerprints(
  db: Database,
  range: { fromMs: EpochMs; toMs: EpochMs; sizeMs: number },
): Promise<{ serviceId: number; startMs: EpochMs; count: number }[]> {
  const { rows } = await sql<{ serviceId: number; startMs: number; count: number }>`
    select service_id as "serviceId", (first_seen_ms / ${range.sizeMs}::bigint) * ${range.sizeMs}::bigint as "startMs",
      count(*) as count
    from error_group_services
    where first_seen_ms >= ${range.fromMs}::bigint and first_seen_ms < ${range.toMs}::bigint
      and not (position('~' in fingerprint) > 0 and exists (
        select from error_group_services as whole
        where whole.fingerprint = split_part(error_group_services.fingerprint, '~', 1)
          and whole.service_id = error_group_services.service_id
          and whole.first_seen_ms <= error_group_services.first_seen_ms))
    group by 1, 2`.execute(db);
  return rows;
}

/** Whether some service's state was folded by another feature spec, or never although it has closed windows. */
export async function hasForeignStates(db: Database, specHash: string): Promise<boolean> {
  const { rows } = await sql<{ foreign: boolean }>`
    select exists (select from feature_states where spec_hash <> ${specHash}) as foreign`.execute(db);
  return rows[0]?.foreign === true;
}

export interface HistoricWindow {
  service: ServiceIdentity & { id: number };
  startMs: EpochMs;
  stats: WindowStats;
  failed: boolean | null;
  onset: boolean;
}

/** Starts of closed windows that some service has had since a moment of its own.
 *  @param since `atMs`: the end of the last window that is left out   @param beforeMs starts from here on are left out
 *  @returns ascending, each once */
export async function closedStartsSince(
  db: Database,
  since: readonly { serviceId: number; atMs: EpochMs }[],
  beforeMs: EpochMs,
): Promise<EpochMs[]> {
  if (since.length === 0) return [];
  const { rows } = await sql<{ startMs: number }>`
    select distinct windows.start_ms as "startMs"
    from unnest(${since.map((one) => one.serviceId)}::int[], ${since.map((one) => one.atMs)}::bigint[])
      as known (service_id, at_ms)
    join windows on windows.service_id = known.service_id and windows.start_ms >= known.at_ms
    where windows.closed and windows.start_ms < ${beforeMs}::bigint
    order by 1`.execute(db);
  return rows.map(({ startMs }) => startMs);
}

/** Closed windows of all services in a span of starts, half-open.
 *  @returns ascending by start, then service */
export async function readClosedWindows(
  db: Database,
  range: { fromMs: EpochMs; toMs: EpochMs },
): Promise<HistoricWindow[]> {
  const { rows } = await sql<
    ServiceIdentity & { id: number; startMs: number; stats: WindowStats; failed: boolean | null; onset: boolean }
  >`
    select services.id, services.namespace, services.name, services.environment, windows.start_ms as "startMs",
      windows.stats, windows.failed, windows.onset
    from windows join services on services.id = windows.service_id
    where windows.closed and windows.start_ms >= ${range.fromMs}::bigint and windows.start_ms < ${range.toMs}::bigint
    order by windows.start_ms, windows.service_id`.execute(db);
  return rows.map(({ id, namespace, name, environment, ...row }) => ({
    service: { id, namespace, name, environment },
    ...row,
  }));
}

/** Start of the oldest closed window. */
export async function oldestClosedWindow(db: Database): Promise<EpochMs | null> {
  const row = await db
    .selectFrom("windows")
    .select("start_ms")
    .where("closed", "=", true)
    .orderBy("start_ms")
    .limit(1)
    .executeTakeFirst();
  return row?.start_ms ?? null;
}
