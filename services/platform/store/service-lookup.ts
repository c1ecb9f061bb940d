/** From the name by which a person calls a service to the services that it can mean. */
import type { EpochMs, ServiceIdentity } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

export interface KnownService extends ServiceIdentity {
  id: number;
  firstEventMs: EpochMs;
}

export interface ServiceQuery {
  name: string;
  namespace?: string | undefined;
  environment?: string | undefined;
}

/** Services that any of the names can mean, most recently active first within a name. */
export async function servicesCalled(db: Database, names: readonly string[]): Promise<Map<string, KnownService[]>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom("services")
    .select(["id", "namespace", "name", "environment", "first_event_ms"])
    .where("name", "in", [...new Set(names)])
    .orderBy("last_event_ms", "desc")
    .orderBy("id")
    .execute();
  const byName = new Map<string, KnownService[]>();
  for (const row of rows) byName.set(row.name, [...(byName.get(row.name) ?? []), toKnown(row)]);
  return byName;
}

/** Services of that name; a part that is absent matches any, an empty one only the empty one. Most recently active first. */
export async function servicesNamed(db: Database, query: ServiceQuery): Promise<KnownService[]> {
  const candidates = (await servicesCalled(db, [query.name])).get(query.name) ?? [];
  return candidates.filter((service) => matches(service, query));
}

export function matches(service: ServiceIdentity, query: ServiceQuery): boolean {
  return (
    (query.namespace === undefined || service.namespace === query.namespace) &&
    (query.environment === undefined || service.environment === query.environment)
  );
}

/** Identities by id; ids that are not known are absent. */
export async function serviceIdentities(db: Database, ids: readonly number[]): Promise<Map<number, KnownService>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("services")
    .select(["id", "namespace", "name", "environment", "first_event_ms"])
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, toKnown(row)]));
}

function toKnown({
  first_event_ms,
  ...identity
}: ServiceIdentity & { id: number; first_event_ms: EpochMs }): KnownService {
  return { ...identity, firstEventMs: first_event_ms };
}
