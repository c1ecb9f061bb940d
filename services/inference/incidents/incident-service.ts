/** Failures known from elsewhere: an incident that covers a window makes it a failed one for the labels of training. */

import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { Clock, NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Database } from "../../platform/store/database.ts";
import { findIncident, type IncidentRow, listIncidents, upsertIncident } from "../../platform/store/incidents-store.ts";
import {
  type KnownService,
  type ServiceQuery,
  serviceIdentities,
  servicesNamed,
} from "../../platform/store/service-lookup.ts";
import { invalid } from "../http/validation.ts";
import { requireService, resolveService } from "../services/service-reference.ts";
import { type Alert, mapAlert } from "./alertmanager.ts";

/** A sender's clock may be a little ahead of ours. */
const CLOCK_SKEW_MS = 60_000;

export interface IncidentDeps {
  db: Database;
  clock: Clock;
  newId: NewId;
}

interface NewIncident {
  service: ServiceQuery;
  startMs: number;
  endMs: number | null;
  title: string;
  class: ErrorClass | null;
  source: string;
  externalId: string | null;
}

export interface IncidentOfService {
  incident: IncidentRow;
  service: KnownService;
}

interface AlertOutcome {
  incidents: Array<{ fingerprint: string; id: string; action: "created" | "updated" }>;
  skipped: Array<{ fingerprint: string; reason: string }>;
}

export interface IncidentService {
  /** @throws NOT_FOUND for a service that never reported, INVALID_INPUT for a start in the future or an ambiguous name */
  report(request: NewIncident): Promise<IncidentOfService & { created: boolean }>;
  acceptAlerts(alerts: readonly Alert[]): Promise<AlertOutcome>;
  /** @throws NOT_FOUND */
  find(id: string): Promise<IncidentOfService>;
  list(query: {
    service?: ServiceQuery;
    fromMs?: number | undefined;
    toMs?: number | undefined;
    limit: number;
    after?: { startMs: number; id: string } | undefined;
  }): Promise<IncidentOfService[]>;
}

export function createIncidentService({ db, clock, newId }: IncidentDeps): IncidentService {
  const store = async (service: KnownService, request: Omit<NewIncident, "service">) => {
    const id = newId();
    const { incident, created } = await upsertIncident(db, {
      id,
      // Without a foreign id its own one serves, so that whoever posted it can end it by posting again.
      externalId: request.externalId ?? id,
      serviceId: service.id,
      startMs: request.startMs,
      endMs: request.endMs,
      source: request.source,
      title: request.title,
      class: request.class,
      createdAtMs: clock.now(),
    });
    return { incident, created };
  };

  return {
    async report(request) {
      if (request.startMs > clock.now() + CLOCK_SKEW_MS) {
        throw invalid([{ path: "body.start", message: "an incident cannot start in the future" }]);
      }
      const service = await requireService(db, request.service, "body.service");
      const { incident, created } = await store(service, request);
      if (incident.serviceId !== service.id) {
        throw new HarbingerError("CONFLICT", "the external id belongs to an incident of another service");
      }
      return { incident, service, created };
    },

    async acceptAlerts(alerts) {
      const outcome: AlertOutcome = { incidents: [], skipped: [] };
      for (const alert of alerts) {
        const { fingerprint } = alert;
        const mapped = mapAlert(alert);
        if ("skip" in mapped) {
          outcome.skipped.push({ fingerprint, reason: mapped.skip });
          continue;
        }
        const service = await firstKnown(db, mapped.services);
        if (typeof service === "string") {
          outcome.skipped.push({ fingerprint, reason: service });
          continue;
        }
        const { incident, created } = await store(service, { ...mapped, source: "alertmanager" });
        outcome.incidents.push({ fingerprint, id: incident.id, action: created ? "created" : "updated" });
      }
      return outcome;
    },

    async find(id) {
      const incident = await findIncident(db, id);
      if (incident === null) throw new HarbingerError("NOT_FOUND", "there is no such incident");
      const [first] = await withServices(db, [incident]);
      if (first === undefined) throw new HarbingerError("NOT_FOUND", "the incident's service is no longer known");
      return first;
    },

    async list({ service, ...query }) {
      const serviceIds =
        service === undefined ? undefined : (await servicesNamed(db, service)).map((candidate) => candidate.id);
      return withServices(db, await listIncidents(db, { ...query, serviceIds }));
    },
  };
}

async function withServices(db: Database, incidents: readonly IncidentRow[]): Promise<IncidentOfService[]> {
  const services = await serviceIdentities(
    db,
    incidents.map(({ serviceId }) => serviceId),
  );
  return incidents.flatMap((incident) => {
    const service = services.get(incident.serviceId);
    return service === undefined ? [] : [{ incident, service }];
  });
}

/** @returns the first service that a query finds, or the reason why none does */
async function firstKnown(db: Database, queries: readonly ServiceQuery[]): Promise<KnownService | string> {
  for (const query of queries) {
    try {
      const service = await resolveService(db, query);
      if (service !== null) return service;
    } catch (error) {
      if (error instanceof HarbingerError && error.code === "INVALID_INPUT") return error.message;
      throw error;
    }
  }
  return `no telemetry has arrived from a service called ${queries[0]?.name ?? ""}`;
}
