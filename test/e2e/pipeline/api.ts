/** The HTTP API as the tests use it. Every answer is held to the schema that the API documents. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type modelSchema, modelsSchema } from "../../../services/inference/models/model-schemas.ts";
import { predictionSchema } from "../../../services/inference/predict/predict-schemas.ts";
import {
  servicesPageSchema,
  type windowSchema,
  windowsPageSchema,
} from "../../../services/inference/services/service-schemas.ts";
import { trainingJobSchema } from "../../../services/inference/training/training-schemas.ts";

export type Prediction = z.output<typeof predictionSchema>;
export type TrainingJob = z.output<typeof trainingJobSchema>;

export const verdictSchema = z.object({
  passed: z.boolean(),
  reason: z.string().min(1),
  rules: z.array(
    z.object({
      rule: z.string(),
      passed: z.boolean(),
      value: z.number(),
      limit: z.number(),
      sentence: z.string().min(1),
    }),
  ),
});

interface Call<Schema extends z.ZodType> {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: object;
  /** the status that must be answered; 200 when absent */
  status?: number;
  schema: Schema;
}

export type Api = ReturnType<typeof createApi>;

export function createApi(apiUrl: string) {
  const call = async <Schema extends z.ZodType>(path: string, request: Call<Schema>): Promise<z.output<Schema>> => {
    const { method = "GET", body, status = 200, schema } = request;
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (response.status !== status) throw new Error(`${method} ${path} answered ${response.status}: ${answer}`);
    return schema.parse(answer === "" ? undefined : JSON.parse(answer));
  };

  const trainingJob = (id: string) => call(`/training/jobs/${id}`, { schema: trainingJobSchema });

  return {
    call,
    predict: (body: object): Promise<Prediction> =>
      call("/predict", { method: "POST", body, schema: predictionSchema }),
    services: async () => (await call("/services", { schema: servicesPageSchema })).items,
    async model(name: string): Promise<z.output<typeof modelSchema>> {
      const { items } = await call("/models", { schema: modelsSchema });
      const model = items.find((one) => one.name === name);
      if (model === undefined) throw new Error(`no model is called ${name}`);
      return model;
    },
    /** All windows of a service, newest first. */
    async windows(service: string): Promise<z.output<typeof windowSchema>[]> {
      const windows = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page = await call(`/services/${service}/windows?limit=1000${after}`, { schema: windowsPageSchema });
        windows.push(...page.items);
        cursor = page.nextCursor;
      }
      return windows;
    },
    /** @param meanwhile called between looks
     *  @returns the job in its final state */
    async train(params: object, meanwhile?: () => Promise<void>): Promise<TrainingJob> {
      const body = { model: "failure-predictor", requestedBy: "user@example.com", params };
      const request = { method: "POST", status: 202, schema: trainingJobSchema } as const;
      let job = await call("/training/jobs", { ...request, body });
      while (job.state === "queued" || job.state === "running") {
        await meanwhile?.();
        await sleep(100);
        job = await trainingJob(job.id);
      }
      return job;
    },
    metrics: async (): Promise<string> => (await fetch(`${apiUrl}/metrics`)).text(),
  };
}

/** Looks again and again until `condition` holds. @throws when it takes longer than any of these tests may wait */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`in vain waited until ${what}`);
    await sleep(100);
  }
}
