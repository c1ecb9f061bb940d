/** From the name by which a person calls a service to the services that it can mean. */
import type { ServiceIdentity } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

export interface KnownService extends ServiceIdentity {
  id: number;
}

export interface ServiceQuery {
  name: string;
  namespace?: string | undefined;
  environment?: string | undefined;
}

/** Services of that name; a part that is absent matches any, an empty one only the empty one. Most recently active first. */
export async function servicesNamed(db: Database, query: ServiceQuery): Promise<KnownService[]> {
  let select = db
    .selectFrom("services")
    .select(["id", "namespace", "name", "environment"])
    .where("name", "=", query.name)
    .orderBy("last_event_ms", "desc")
    .orderBy("id")
    .limit(100);
  if (query.namespace !== undefined) select = select.where("namespace", "=", query.namespace);
  if (query.environment !== undefined) select = select.where("environment", "=", query.environment);
  return select.execute();
}

/** Identities by id; ids that are not known are absent. */
export async function serviceIdentities(db: Database, ids: readonly number[]): Promise<Map<number, KnownService>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("services")
    .select(["id", "namespace", "name", "environment"])
    .where("id", "in", [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
