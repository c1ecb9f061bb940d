import { z } from "zod";
import { decodeCursor, toPage } from "../http/cursor.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { toTimestamp, uuidSchema } from "../http/schemas.ts";
import { toServiceQuery } from "../services/service-reference.ts";
import {
  alertmanagerReplySchema,
  alertmanagerRequestSchema,
  incidentRequestSchema,
  incidentSchema,
  incidentsPageSchema,
  incidentsQuerySchema,
} from "./incident-schemas.ts";
import type { IncidentOfService, IncidentService } from "./incident-service.ts";

const tag = "incidents";
const positionSchema = z.tuple([z.int(), uuidSchema]);

export function incidentRoutes(incidents: IncidentService): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/incidents",
      operationId: "reportIncident",
      tag,
      summary: "Report a failure known from elsewhere",
      description: "Posting the same `externalId` again updates the incident, for instance to say when it ended.",
      body: incidentRequestSchema,
      problems: [404, 409],
      responses: {
        201: { description: "Stored", schema: incidentSchema, headers: { Location: "the incident" } },
        200: { description: "An incident of that `externalId` was updated", schema: incidentSchema },
      },
      async handle({ body }) {
        const { created, ...reported } = await incidents.report({
          service: toServiceQuery(body.service),
          startMs: body.start,
          endMs: body.end ?? null,
          title: body.title,
          class: body.class ?? null,
          source: body.source,
          externalId: body.externalId ?? null,
        });
        const json = present(reported);
        return created ? { status: 201, headers: { Location: `/incidents/${json.id}` }, json } : ok(json);
      },
    }),
    defineRoute({
      method: "get",
      path: "/incidents",
      operationId: "listIncidents",
      tag,
      summary: "Incidents, newest first",
      query: incidentsQuerySchema,
      responses: { 200: { description: "A page", schema: incidentsPageSchema } },
      async handle({ query }) {
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, positionSchema);
        const found = await incidents.list({
          ...(query.service === undefined
            ? {}
            : { service: { name: query.service, namespace: query.namespace, environment: query.environment } }),
          fromMs: query.from,
          toMs: query.to,
          limit: query.limit + 1,
          after: position === undefined ? undefined : { startMs: position[0], id: position[1] },
        });
        const page = toPage(found, query.limit, ({ incident }) => [incident.startMs, incident.id]);
        return ok({ items: page.rows.map(present), nextCursor: page.nextCursor });
      },
    }),
    defineRoute({
      method: "get",
      path: "/incidents/{id}",
      operationId: "getIncident",
      tag,
      summary: "One incident",
      params: z.object({ id: uuidSchema }),
      problems: [404],
      responses: { 200: { description: "The incident", schema: incidentSchema } },
      handle: async ({ params }) => ok(present(await incidents.find(params.id))),
    }),
    defineRoute({
      method: "post",
      path: "/incidents/alertmanager",
      operationId: "acceptAlerts",
      tag,
      summary: "Alertmanager's webhook (version 4)",
      description:
        "Point a `webhook_config` here. The service is taken from the labels `service_name`, `service`, `app` or `job`, with `service_namespace`/`namespace` and `deployment_environment_name`/`environment`/`env`. Alerts of unknown services are skipped and named. Alerts made from Harbinger's own predictions are skipped: they are no evidence.",
      body: alertmanagerRequestSchema,
      responses: { 200: { description: "What became of each alert", schema: alertmanagerReplySchema } },
      handle: async ({ body }) => ok(await incidents.acceptAlerts(body.alerts)),
    }),
  ];
}

function present({ incident, service }: IncidentOfService): z.input<typeof incidentSchema> {
  return {
    id: incident.id,
    externalId: incident.externalId,
    service: { namespace: service.namespace, name: service.name, environment: service.environment },
    start: toTimestamp(incident.startMs),
    end: incident.endMs === null ? null : toTimestamp(incident.endMs),
    title: incident.title,
    class: incident.class,
    source: incident.source,
    createdAt: toTimestamp(incident.createdAtMs),
  };
}
