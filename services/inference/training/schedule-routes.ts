import { z } from "zod";
import { formatDuration } from "../../platform/config/parsers.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { ScheduleView } from "../../platform/queue/job-queue.ts";
import type { Queues } from "../../platform/queue/queues.ts";
import type { TrainingJobRequest } from "../../platform/queue/training-job.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { toTimestamp } from "../http/schemas.ts";
import { toTrainingParams } from "./training-params.ts";
import { scheduleNameSchema, scheduleRequestSchema, scheduleSchema, schedulesSchema } from "./training-schemas.ts";

const tag = "training";
const params = z.object({ name: scheduleNameSchema });

export function scheduleRoutes(queue: Queues["training"]): Route[] {
  const find = async (name: string): Promise<ScheduleView<TrainingJobRequest> | undefined> =>
    (await queue.schedules()).find((schedule) => schedule.name === name);
  const require = async (name: string): Promise<ScheduleView<TrainingJobRequest>> => {
    const schedule = await find(name);
    if (schedule === undefined) throw new HarbingerError("NOT_FOUND", `there is no schedule called ${name}`);
    return schedule;
  };

  return [
    defineRoute({
      method: "put",
      path: "/training/schedules/{name}",
      operationId: "putTrainingSchedule",
      tag,
      summary: "Train on a schedule: a cron pattern or an interval",
      params,
      body: scheduleRequestSchema,
      responses: {
        201: { description: "Created", schema: scheduleSchema },
        200: { description: "Replaced", schema: scheduleSchema },
      },
      async handle({ params: { name }, body }) {
        const before = await find(name);
        await queue.upsertSchedule(
          name,
          {
            ...(body.cron === undefined ? {} : { pattern: body.cron, timezone: body.timezone ?? "UTC" }),
            ...(body.every === undefined ? {} : { everyMs: body.every }),
          },
          {
            model: body.model,
            requestedBy: `schedule ${name}`,
            reason: "schedule",
            params: toTrainingParams(body.params),
          },
        );
        return { status: before === undefined ? 201 : 200, json: present(await require(name)) };
      },
    }),
    defineRoute({
      method: "get",
      path: "/training/schedules",
      operationId: "listTrainingSchedules",
      tag,
      summary: "All schedules, by name",
      responses: { 200: { description: "The schedules", schema: schedulesSchema } },
      async handle() {
        const schedules = (await queue.schedules()).sort((a, b) => (a.name < b.name ? -1 : 1));
        return ok({ items: schedules.map(present) });
      },
    }),
    defineRoute({
      method: "get",
      path: "/training/schedules/{name}",
      operationId: "getTrainingSchedule",
      tag,
      summary: "One schedule",
      params,
      problems: [404],
      responses: { 200: { description: "The schedule", schema: scheduleSchema } },
      handle: async ({ params: { name } }) => ok(present(await require(name))),
    }),
    defineRoute({
      method: "delete",
      path: "/training/schedules/{name}",
      operationId: "deleteTrainingSchedule",
      tag,
      summary: "End a schedule; a job that runs goes on",
      params,
      problems: [404],
      responses: { 204: { description: "Ended" } },
      async handle({ params: { name } }) {
        if (await queue.removeSchedule(name)) return { status: 204 };
        throw new HarbingerError("NOT_FOUND", `there is no schedule called ${name}`);
      },
    }),
  ];
}

function present({
  name,
  pattern,
  everyMs,
  timezone,
  nextRunAtMs,
  payload,
}: ScheduleView<TrainingJobRequest>): z.input<typeof scheduleSchema> {
  return {
    name,
    model: payload.model,
    cron: pattern ?? null,
    every: everyMs === undefined ? null : formatDuration(everyMs),
    timezone: timezone ?? null,
    next: nextRunAtMs === null ? null : toTimestamp(nextRunAtMs),
  };
}
