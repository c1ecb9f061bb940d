/** Failures known from elsewhere: posted by people, or by Alertmanager. They label windows that no rule would call failed. */

import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { Database } from "./database.ts";
import type { IncidentsTable } from "./judgement-tables.ts";

export interface IncidentRow {
  id: string;
  externalId: string | null;
  serviceId: number;
  startMs: number;
  /** null while it lasts */
  endMs: number | null;
  source: string;
  title: string;
  class: ErrorClass | null;
  createdAtMs: number;
}

/** What training and the window closer need of an incident. */
export interface IncidentSpan {
  serviceId: number;
  startMs: number;
  endMs: number | null;
  class: ErrorClass | null;
}

/** Incidents that overlap [fromMs, toMs), oldest first; open ones overlap everything after their start. */
export async function readIncidents(db: Database, range: { fromMs: number; toMs: number }): Promise<IncidentSpan[]> {
  const rows = await db
    .selectFrom("incidents")
    .select(["service_id", "start_ms", "end_ms", "class"])
    .where("start_ms", "<", range.toMs)
    .where((where) => where.or([where("end_ms", "is", null), where("end_ms", ">", range.fromMs)]))
    .orderBy("start_ms")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    serviceId: row.service_id,
    startMs: row.start_ms,
    endMs: row.end_ms,
    class: row.class,
  }));
}

/** Stores an incident; one with a known `externalId` updates it (its end, title and class) and keeps its first id and start.
 *  An end, once known, is not forgotten by a late repeat of the opening message. */
export async function upsertIncident(
  db: Database,
  incident: IncidentRow,
): Promise<{ incident: IncidentRow; created: boolean }> {
  const row = await db
    .insertInto("incidents")
    .values({
      id: incident.id,
      external_id: incident.externalId,
      service_id: incident.serviceId,
      start_ms: incident.startMs,
      end_ms: incident.endMs,
      source: incident.source,
      title: incident.title,
      class: incident.class,
      created_at_ms: incident.createdAtMs,
    })
    .onConflict((conflict) =>
      conflict.column("external_id").doUpdateSet((set) => ({
        end_ms: set.fn.coalesce(
          set
            .case()
            .when("excluded.end_ms", ">=", set.ref("incidents.start_ms"))
            .then(set.ref("excluded.end_ms"))
            .end(),
          set.ref("incidents.end_ms"),
        ),
        title: set.ref("excluded.title"),
        class: set.fn.coalesce("excluded.class", "incidents.class"),
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  return { incident: toRow(row), created: row.id === incident.id };
}

export async function findIncident(db: Database, id: string): Promise<IncidentRow | null> {
  const row = await db.selectFrom("incidents").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : toRow(row);
}

/** Newest first.
 *  @param query `after` is the position of the last incident of the page before */
export async function listIncidents(
  db: Database,
  query: {
    limit: number;
    after?: { startMs: number; id: string } | undefined;
    serviceIds?: readonly number[] | undefined;
    fromMs?: number | undefined;
    toMs?: number | undefined;
  },
): Promise<IncidentRow[]> {
  let select = db
    .selectFrom("incidents")
    .selectAll()
    .orderBy("start_ms", "desc")
    .orderBy("id", "desc")
    .limit(query.limit);
  const { after, serviceIds, fromMs, toMs } = query;
  if (after !== undefined) {
    select = select.where((where) =>
      where.or([
        where("start_ms", "<", after.startMs),
        where.and([where("start_ms", "=", after.startMs), where("id", "<", after.id)]),
      ]),
    );
  }
  if (serviceIds !== undefined)
    select = select.where("service_id", "in", serviceIds.length === 0 ? [-1] : [...serviceIds]);
  if (fromMs !== undefined) {
    select = select.where((where) => where.or([where("end_ms", "is", null), where("end_ms", ">", fromMs)]));
  }
  if (toMs !== undefined) select = select.where("start_ms", "<", toMs);
  return (await select.execute()).map(toRow);
}

/** The newest incidents of each service that had begun by `atMs` and were known by then, newest first: event time alone would let
 *  a report filed later change the answer about an earlier moment. What was not known then of their end is left open.
 *  @param limit most per service */
export async function incidentsKnownAt(
  db: Database,
  serviceIds: readonly number[],
  atMs: number,
  limit: number,
): Promise<Map<number, IncidentRow[]>> {
  if (serviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("incidents")
    .selectAll()
    .where("service_id", "in", [...serviceIds])
    .where("start_ms", "<=", atMs)
    .where("created_at_ms", "<=", atMs)
    .orderBy("start_ms", "desc")
    .orderBy("id")
    .execute();
  const known = new Map<number, IncidentRow[]>();
  for (const row of rows) {
    const own = known.get(row.service_id) ?? [];
    if (own.length < limit) own.push(toRow(row.end_ms !== null && row.end_ms > atMs ? { ...row, end_ms: null } : row));
    known.set(row.service_id, own);
  }
  return known;
}

function toRow(row: IncidentsTable): IncidentRow {
  return {
    id: row.id,
    externalId: row.external_id,
    serviceId: row.service_id,
    startMs: row.start_ms,
    endMs: row.end_ms,
    source: row.source,
    title: row.title,
    class: row.class,
    createdAtMs: row.created_at_ms,
  };
}
