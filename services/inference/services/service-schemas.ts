import { z } from "zod";
import { verdictSchema } from "../classify/classify-schemas.ts";
import {
  identityPartSchema,
  instantQuerySchema,
  pageOf,
  pageQuery,
  probabilitySchema,
  serviceNameSchema,
  timestampSchema,
} from "../http/schemas.ts";

const identity = { namespace: z.string(), name: z.string(), environment: z.string() };

export const serviceViewSchema = z
  .object({
    ...identity,
    language: z.string().nullable(),
    firstSeen: timestampSchema,
    lastSeen: timestampSchema,
    retired: z.boolean().meta({ description: "silent for so long that its silence is no longer counted" }),
    failing: z
      .boolean()
      .nullable()
      .meta({ description: "the newest closed window failed; null when that is not known" }),
    windowEnd: timestampSchema.nullable().meta({ description: "end of the newest closed window" }),
    risk: z
      .object({
        at: timestampSchema,
        state: z.string(),
        modelName: z.string(),
        modelVersion: z.string().nullable(),
        horizons: z.array(
          z.object({
            horizon: z.string(),
            horizonMs: z.int(),
            probability: probabilitySchema,
            interval: z.object({ lower: probabilitySchema, upper: probabilitySchema }),
          }),
        ),
      })
      .nullable()
      .meta({ description: "as scored when the newest window closed; null before the first" }),
  })
  .meta({ id: "ServiceView" });

export const servicesQuerySchema = z.strictObject({
  ...pageQuery,
  sort: z
    .enum(["known_since", "risk"])
    .default("known_since")
    .meta({ description: "`risk`: the riskiest at the primary horizon first, one page only" }),
});

export const servicesPageSchema = pageOf("ServicesPage", serviceViewSchema);

export const serviceParamsSchema = z.object({ name: serviceNameSchema });

const whichService = {
  namespace: identityPartSchema.optional().meta({ description: "`service.namespace`" }),
  environment: identityPartSchema.optional().meta({ description: "`deployment.environment.name`" }),
};

export const windowsQuerySchema = z.strictObject({
  ...whichService,
  from: instantQuerySchema.optional(),
  to: instantQuerySchema.optional(),
  ...pageQuery,
});

const count = z.int().min(0);

export const windowSchema = z
  .object({
    start: timestampSchema,
    end: timestampSchema,
    closed: z.boolean(),
    failed: z.boolean().nullable(),
    onset: z.boolean().meta({ description: "the first failed window after a healthy one" }),
    lateCount: count.meta({ description: "records that came after it was closed" }),
    requestCount: count,
    requestErrorCount: count,
    callCount: count,
    callErrorCount: count,
    errorCount: count,
    errorLogCount: count,
    warnLogCount: count,
    latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
    classes: z.partialRecord(verdictSchema, count),
  })
  .meta({ id: "Window" });

export const windowsPageSchema = pageOf("WindowsPage", windowSchema);

export const errorsQuerySchema = z.strictObject({ ...whichService, ...pageQuery });

export const allErrorsQuerySchema = z.strictObject(pageQuery);

export const errorGroupSchema = z
  .object({
    fingerprint: z.string().meta({ description: "give it back as `target.fingerprint` in feedback" }),
    exceptionType: z.string().nullable(),
    template: z.string().meta({ description: "the message with its changing parts taken out" }),
    class: verdictSchema,
    probability: probabilitySchema,
    abstained: z.boolean(),
    firstSeen: timestampSchema,
    lastSeen: timestampSchema,
    errorCount: count,
  })
  .meta({ id: "ErrorGroup" });

export const errorsPageSchema = pageOf("ErrorsPage", errorGroupSchema);
