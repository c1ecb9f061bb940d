import { z } from "zod";
import type { TrainingJobRow } from "../../platform/store/training-jobs-store.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { toTimestamp, uuidSchema } from "../http/schemas.ts";
import { toTrainingParams } from "./training-params.ts";
import {
  trainingJobRequestSchema,
  trainingJobSchema,
  trainingJobsQuerySchema,
  trainingJobsSchema,
} from "./training-schemas.ts";
import type { TrainingService } from "./training-service.ts";

const tag = "training";

export function trainingRoutes(training: TrainingService): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/training/jobs",
      operationId: "startTraining",
      tag,
      summary: "Train a model now",
      description: "The job runs in a training process; the new version serves only if the gate lets it.",
      body: trainingJobRequestSchema,
      responses: {
        202: { description: "Queued", schema: trainingJobSchema, headers: { Location: "where to follow the job" } },
      },
      async handle({ body }) {
        const { model, requestedBy } = body;
        const job = await training.request({ model, requestedBy, params: toTrainingParams(body.params) });
        return { status: 202, headers: { Location: `/training/jobs/${job.id}` }, json: present(job) };
      },
    }),
    defineRoute({
      method: "get",
      path: "/training/jobs",
      operationId: "listTrainingJobs",
      tag,
      summary: "Training jobs, newest first",
      query: trainingJobsQuerySchema,
      responses: { 200: { description: "The jobs", schema: trainingJobsSchema } },
      handle: async ({ query }) => ok({ items: (await training.list(query)).map(present) }),
    }),
    defineRoute({
      method: "get",
      path: "/training/jobs/{id}",
      operationId: "getTrainingJob",
      tag,
      summary: "One job: progress, metrics, verdict",
      params: z.object({ id: uuidSchema }),
      problems: [404],
      responses: { 200: { description: "The job", schema: trainingJobSchema } },
      handle: async ({ params }) => ok(present(await training.find(params.id))),
    }),
  ];
}

function present(job: TrainingJobRow): z.input<typeof trainingJobSchema> {
  const { id, model, state, reason, because, requestedBy, params, progress, version, metrics, verdict, error } = job;
  const optional = (ms: number | null): string | null => (ms === null ? null : toTimestamp(ms));
  return {
    id,
    model,
    state,
    reason,
    because,
    requestedBy,
    params,
    progress,
    createdAt: toTimestamp(job.createdAtMs),
    startedAt: optional(job.startedAtMs),
    finishedAt: optional(job.finishedAtMs),
    version,
    metrics,
    verdict,
    error,
  };
}
