import { z } from "zod";
import { errorClassSchema } from "../http/error-class-schema.ts";
import {
  identityPartSchema,
  instantQuerySchema,
  instantSchema,
  pageOf,
  pageQuery,
  serviceNameSchema,
  serviceReferenceSchema,
  serviceSchema,
  textSchema,
  timestampSchema,
  uuidSchema,
} from "../http/schemas.ts";

export const incidentRequestSchema = z
  .strictObject({
    service: serviceReferenceSchema,
    start: instantSchema,
    end: instantSchema.nullish().meta({ description: "absent while it lasts" }),
    title: textSchema({ max: 500 }),
    class: errorClassSchema.optional(),
    source: textSchema({ max: 100 }).default("operator"),
    externalId: textSchema({ max: 200 })
      .optional()
      .meta({ description: "your own id; posting it again updates the incident (its end, title and class)" }),
  })
  .refine(({ start, end }) => end === undefined || end === null || end >= start, {
    path: ["end"],
    message: "an incident cannot end before it starts",
  })
  .meta({ id: "IncidentRequest" });

export const incidentSchema = z
  .object({
    id: uuidSchema,
    externalId: z.string().nullable(),
    service: serviceSchema,
    start: timestampSchema,
    end: timestampSchema.nullable(),
    title: z.string(),
    class: errorClassSchema.nullable(),
    source: z.string(),
    createdAt: timestampSchema,
  })
  .meta({ id: "Incident" });

export const incidentsQuerySchema = z.strictObject({
  service: serviceNameSchema.optional(),
  namespace: identityPartSchema.optional(),
  environment: identityPartSchema.optional(),
  from: instantQuerySchema.optional(),
  to: instantQuerySchema.optional(),
  ...pageQuery,
});

export const incidentsPageSchema = pageOf("IncidentsPage", incidentSchema);

/** Alertmanager's webhook, version 4. Written by another program, so what we do not know is let pass. */
export const alertmanagerRequestSchema = z
  .object({
    version: z.literal("4"),
    alerts: z
      .array(
        z.object({
          status: z.enum(["firing", "resolved"]),
          labels: z.record(z.string(), textSchema({ min: 0, max: 4096 })),
          annotations: z.record(z.string(), textSchema({ min: 0, max: 65_536 })).default({}),
          startsAt: z.iso.datetime({ offset: true }),
          endsAt: z.iso.datetime({ offset: true }).optional(),
          fingerprint: textSchema({ max: 128 }),
        }),
      )
      .max(1000),
  })
  .meta({ id: "AlertmanagerWebhook", description: "The message of Alertmanager's webhook_config" });

export const alertmanagerReplySchema = z
  .object({
    incidents: z.array(z.object({ fingerprint: z.string(), id: uuidSchema, action: z.enum(["created", "updated"]) })),
    skipped: z.array(z.object({ fingerprint: z.string(), reason: z.string() })),
  })
  .meta({ id: "AlertmanagerReply" });
