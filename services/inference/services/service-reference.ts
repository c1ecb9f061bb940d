/** A service as a caller names it → the one service that is meant. */
import { HarbingerError } from "../../platform/errors.ts";
import type { Database } from "../../platform/store/database.ts";
import { type KnownService, type ServiceQuery, servicesNamed } from "../../platform/store/service-lookup.ts";

export type ServiceReference =
  | string
  | { name: string; namespace?: string | undefined; environment?: string | undefined };

export function toServiceQuery(reference: ServiceReference, environment?: string): ServiceQuery {
  const parts = typeof reference === "string" ? { name: reference } : reference;
  return { ...parts, ...(environment === undefined ? {} : { environment }) };
}

/** @returns the service, or null when none of that name is known
 *  @throws INVALID_INPUT when several are meant and none is exactly what was asked for; the candidates are named */
export async function resolveService(
  db: Database,
  query: ServiceQuery,
  path = "service",
): Promise<KnownService | null> {
  return chooseService(await servicesNamed(db, query), query, path);
}

/** An exact match (absent parts taken as empty) wins over a looser one, so that adding a service elsewhere does not make a plain
 *  name ambiguous. */
export function chooseService(
  candidates: readonly KnownService[],
  query: ServiceQuery,
  path: string,
): KnownService | null {
  const exact = candidates.find(
    ({ namespace, environment }) => namespace === (query.namespace ?? "") && environment === (query.environment ?? ""),
  );
  if (exact !== undefined) return exact;
  if (candidates.length <= 1) return candidates[0] ?? null;
  throw new HarbingerError("INVALID_INPUT", `${path}: several services are called ${query.name}; say which`, {
    details: {
      errors: [{ path, message: "several services have this name; give namespace and environment" }],
      candidates: candidates.slice(0, 10).map(({ namespace, name, environment }) => ({ namespace, name, environment })),
    },
  });
}

/** @throws NOT_FOUND when no service of that name is known, INVALID_INPUT when several are */
export async function requireService(db: Database, query: ServiceQuery, path = "service"): Promise<KnownService> {
  const service = await resolveService(db, query, path);
  if (service === null)
    throw new HarbingerError("NOT_FOUND", `no telemetry has arrived from a service called ${query.name}`);
  return service;
}
