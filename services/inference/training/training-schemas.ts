import { z } from "zod";
import { durationSchema, instantSchema, pageQuery, textSchema, timestampSchema, uuidSchema } from "../http/schemas.ts";

const trainableModelSchema = z.enum(["failure-predictor", "error-classifier"]).meta({ id: "TrainableModel" });

const paramsSchema = z.strictObject({
  through: instantSchema.optional().meta({ description: "use only what happened until then" }),
  horizon: durationSchema.optional().meta({ description: "the horizon that the gate judges" }),
  epochs: z.int().min(1).max(10_000).optional(),
  seed: z.int().min(0).max(0xffff_ffff).optional(),
});

export const trainingJobRequestSchema = z
  .strictObject({
    model: trainableModelSchema,
    requestedBy: textSchema({ max: 200 }).default("api"),
    params: paramsSchema.optional(),
  })
  .meta({ id: "TrainingJobRequest" });

export const trainingJobSchema = z
  .object({
    id: uuidSchema,
    model: z.string(),
    state: z.enum(["queued", "running", "promoted", "passed", "rejected", "failed"]).meta({
      description:
        "`promoted`: passed the gate and is champion; `passed`: passed, not promoted; `rejected`: the gate refused it, `verdict` says why; `failed`: `error` says why",
    }),
    reason: z.string().meta({ description: "`manual`, `schedule`, `feedback` or `drift`" }),
    because: z.string().nullable().meta({ description: "what called for a job that nobody asked for" }),
    requestedBy: z.string(),
    params: z.record(z.string(), z.unknown()),
    progress: z.object({ stage: z.string(), percent: z.number(), detail: z.string().optional() }).nullable(),
    createdAt: timestampSchema,
    startedAt: timestampSchema.nullable(),
    finishedAt: timestampSchema.nullable(),
    version: z.string().nullable().meta({ description: "the version in the registry, once there is one" }),
    metrics: z.record(z.string(), z.unknown()).nullable(),
    verdict: z.record(z.string(), z.unknown()).nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: "TrainingJob" });

export const trainingJobsQuerySchema = z.strictObject({
  model: trainableModelSchema.optional(),
  limit: pageQuery.limit,
});

export const trainingJobsSchema = z.object({ items: z.array(trainingJobSchema) }).meta({ id: "TrainingJobs" });

/** Five fields, or six with seconds first; what the fields may hold is checked by the scheduler itself. */
const cronSchema = z
  .string()
  .max(200)
  .regex(/^\S+(\s+\S+){4,5}$/, "expected a cron pattern of five fields (or six, seconds first)");

export const scheduleRequestSchema = z
  .strictObject({
    model: trainableModelSchema,
    cron: cronSchema.optional().meta({ description: "cron pattern", example: "0 3 * * *" }),
    every: durationSchema
      .refine((ms) => ms >= 1000, "at least one second")
      .optional()
      .meta({ description: "interval, instead of `cron`", example: "6h" }),
    timezone: z
      .string()
      .max(64)
      .refine(isTimeZone, "not an IANA time zone")
      .optional()
      .meta({ description: "IANA time zone of `cron`; UTC when absent", example: "Europe/Berlin" }),
    params: paramsSchema.optional(),
  })
  .refine(({ cron, every }) => (cron === undefined) !== (every === undefined), {
    path: ["cron"],
    message: "give either cron or every",
  })
  .refine(({ cron, timezone }) => timezone === undefined || cron !== undefined, {
    path: ["timezone"],
    message: "a time zone only means something with cron",
  })
  .meta({ id: "TrainingScheduleRequest" });

export const scheduleSchema = z
  .object({
    name: z.string(),
    model: z.string(),
    cron: z.string().nullable(),
    every: z.string().nullable(),
    timezone: z.string().nullable(),
    next: timestampSchema.nullable(),
  })
  .meta({ id: "TrainingSchedule" });

export const schedulesSchema = z.object({ items: z.array(scheduleSchema) }).meta({ id: "TrainingSchedules" });

export const scheduleNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "lower-case letters, digits and dashes, at most 64");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
