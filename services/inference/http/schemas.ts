/** Shapes that several calls share. Request objects are strict: an unknown field is refused by name, so that a typo is not taken
 *  for a default. */
import { z } from "zod";
import { boundText } from "../../../models/telemetry/bounded-text.ts";
import { duration } from "../../platform/config/parsers.ts";

/** The largest time a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** `"5m"` or milliseconds → milliseconds. */
export const durationSchema = z
  .union([duration({ min: 1 }), z.int().min(1)])
  .meta({ description: "A duration: `500ms`, `30s`, `5m`, `1h`, `7d`, or a number of milliseconds", example: "5m" });

/** ISO 8601 with an offset, or epoch milliseconds → epoch milliseconds. */
export const instantSchema = z
  .union([z.iso.datetime({ offset: true }), z.int().min(0).max(MAX_DATE_MS)])
  .transform((value) => (typeof value === "number" ? value : Date.parse(value)))
  .refine((value) => Number.isFinite(value) && value >= 0, "expected a time since 1970")
  .meta({ description: "ISO 8601 with an offset, or epoch milliseconds", example: "2026-01-31T12:00:00Z" });

/** The same in a query string, where numbers are text. */
export const instantQuerySchema = z
  .string()
  .transform((text) => (/^\d{1,16}$/.test(text) ? Number(text) : text))
  .pipe(instantSchema)
  .meta({ description: "ISO 8601 with an offset, or epoch milliseconds", example: "2026-01-31T12:00:00Z" });

/** A time in an answer. */
export const timestampSchema = z.iso
  .datetime()
  .meta({ description: "ISO 8601 in UTC", example: "2026-01-31T12:00:00.000Z" });

export function toTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export const uuidSchema = z.uuid();

/** Text that every store can hold: no NUL and no half of a surrogate pair. */
export function textSchema(bounds: { min?: number; max: number }) {
  return z
    .string()
    .min(bounds.min ?? 1)
    .max(bounds.max)
    .refine((text) => boundText(text, bounds.max) === text, "has characters that are not text");
}

export const identityPartSchema = textSchema({ min: 0, max: 256 });

export const serviceNameSchema = textSchema({ max: 256 });

/** A service as callers name it: absent parts are looked up, not assumed empty. */
export const serviceReferenceSchema = z
  .union([
    serviceNameSchema,
    z.strictObject({
      name: serviceNameSchema,
      namespace: identityPartSchema.optional(),
      environment: identityPartSchema.optional(),
    }),
  ])
  .meta({
    id: "ServiceReference",
    description:
      "`service.name`, or an object that also gives `service.namespace` and `deployment.environment.name`. A part that is not given matches any.",
    example: "checkout",
  });

export const serviceSchema = z
  .object({ namespace: z.string(), name: z.string(), environment: z.string() })
  .meta({ id: "Service", description: "Identity of a service; an absent part is the empty string" });

export const probabilitySchema = z.number().min(0).max(1);

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().optional(),
    instance: z.string().optional(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "what is wrong with the request, by place" }),
  })
  .catchall(z.unknown())
  .meta({ id: "Problem", description: "RFC 9457 problem details" });

/** Query of a listing. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).meta({ description: "how many at most", example: 100 }),
  cursor: z.string().max(1024).optional().meta({ description: "`nextCursor` of the page before" }),
};

export function pageOf<Item extends z.ZodType>(id: string, item: Item) {
  return z
    .object({
      items: z.array(item),
      nextCursor: z.string().nullable().meta({ description: "null on the last page" }),
    })
    .meta({ id });
}
