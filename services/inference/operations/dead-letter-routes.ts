/** Jobs that were given up: what they failed on, and putting them back once the cause is gone. */
import { z } from "zod";
import type { FailedJob } from "../../platform/queue/job-queue.ts";
import type { Queues } from "../../platform/queue/queues.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { textSchema, timestampSchema, toTimestamp } from "../http/schemas.ts";

const tag = "operations";
const params = z.object({ queue: z.enum(["telemetry", "training"]) });
/** A telemetry job may hold a megabyte, and is read whole. */
const MOST_AT_ONCE = 100;

const deadLetterSchema = z
  .object({
    id: z.string(),
    addedAt: timestampSchema,
    failedAt: timestampSchema.nullable(),
    attempts: z.int().min(0),
    reason: z.string(),
    payloadBytes: z.int().min(0),
  })
  .meta({ id: "DeadLetter" });

const querySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST_AT_ONCE).default(20),
  skip: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

const retrySchema = z
  .strictObject({
    ids: z
      .array(textSchema({ max: 200 }))
      .min(1)
      .max(1_000)
      .optional()
      .meta({ description: "Only these; without it, all" }),
  })
  .meta({ id: "DeadLetterRetry" });

export function deadLetterRoutes(queues: Pick<Queues, "telemetry" | "training">): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/queues/{queue}/dead-letters",
      operationId: "listDeadLetters",
      tag,
      summary: "Jobs that were given up and are kept, newest first",
      params,
      query: querySchema,
      responses: {
        200: {
          description: "The jobs; `total` counts all of them",
          schema: z.object({ total: z.int().min(0), items: z.array(deadLetterSchema) }).meta({ id: "DeadLetters" }),
        },
      },
      async handle({ params: { queue }, query }) {
        const { failed } = await queues[queue].depth();
        return ok({ total: failed, items: (await queues[queue].failedJobs(query)).map(present) });
      },
    }),
    defineRoute({
      method: "post",
      path: "/queues/{queue}/dead-letters/retry",
      operationId: "retryDeadLetters",
      tag,
      summary: "Put such jobs back into their queue",
      description:
        "For when what they failed on is mended. Nothing is counted twice: batches that were merged before stay as they are.",
      params,
      body: retrySchema,
      responses: {
        200: { description: "How many were put back", schema: z.object({ retriedCount: z.int().min(0) }) },
      },
      handle: async ({ params: { queue }, body }) => ok({ retriedCount: await queues[queue].retryFailed(body.ids) }),
    }),
  ];
}

function present({ addedAtMs, failedAtMs, ...job }: FailedJob): z.input<typeof deadLetterSchema> {
  return {
    ...job,
    addedAt: toTimestamp(addedAtMs),
    failedAt: failedAtMs === null ? null : toTimestamp(failedAtMs),
  };
}
