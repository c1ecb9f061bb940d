/** The few calls of Harbinger's HTTP API that the demo makes, with as much of the answers as it reads. */
import { z } from "zod";

const predictionSchema = z.looseObject({
  id: z.string(),
  service: z.object({ namespace: z.string(), name: z.string(), environment: z.string() }),
  model: z.looseObject({ version: z.string().nullable(), state: z.string() }),
  horizons: z.array(z.looseObject({ horizonMs: z.number(), probability: z.number() })),
  failingNow: z.boolean().nullable(),
  asOf: z.looseObject({ windowEnd: z.string().nullable() }),
});
export type Prediction = z.infer<typeof predictionSchema>;

const windowSchema = z.looseObject({ start: z.string(), failed: z.boolean().nullable(), onset: z.boolean() });
export type ServiceWindow = z.infer<typeof windowSchema>;

const classificationSchema = z.looseObject({
  id: z.string(),
  class: z.string(),
  probability: z.number(),
  abstained: z.boolean(),
  fingerprint: z.string(),
});
export type Classification = z.infer<typeof classificationSchema>;

const trainingJobSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  progress: z.looseObject({ stage: z.string(), percent: z.number() }).nullable(),
  version: z.string().nullable(),
  metrics: z.record(z.string(), z.unknown()).nullable(),
  verdict: z
    .looseObject({
      passed: z.boolean(),
      reason: z.string(),
      rules: z.array(z.looseObject({ rule: z.string(), passed: z.boolean(), sentence: z.string() })).default([]),
    })
    .nullable(),
  error: z.string().nullable(),
});
export type TrainingJob = z.infer<typeof trainingJobSchema>;

const feedbackSchema = z.looseObject({ id: z.string(), effect: z.looseObject({ change: z.looseObject({}) }) });
export type Feedback = z.infer<typeof feedbackSchema>;

export interface ServiceKey {
  name: string;
  environment: string;
}

/** An error as `/classify` takes it. */
export interface ErrorInput {
  exception: { type: string; message: string; stacktrace?: string };
  resource: Record<string, string>;
}

export interface HarbingerApi {
  predict(service: ServiceKey): Promise<Prediction>;
  /** without explanations, in the order asked for */
  predictAll(services: readonly ServiceKey[]): Promise<Prediction[]>;
  /** closed windows from `fromMs` on, ascending */
  windows(service: ServiceKey, fromMs: number): Promise<ServiceWindow[]>;
  classify(errors: readonly ErrorInput[]): Promise<Classification[]>;
  giveClassFeedback(classificationId: string, label: string): Promise<Feedback>;
  train(model: string, seed: number): Promise<TrainingJob>;
  trainingJob(id: string): Promise<TrainingJob>;
}

export function createHarbingerApi(baseUrl: string): HarbingerApi {
  async function call<T>(schema: z.ZodType<T>, method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 1_000)}`);
    return schema.parse(JSON.parse(text));
  }

  return {
    predict: ({ name, environment }) => call(predictionSchema, "POST", "/predict", { service: name, environment }),
    async predictAll(services) {
      const requests = services.map(({ name, environment }) => ({ service: name, environment }));
      const reply = z.looseObject({ predictions: z.array(predictionSchema) });
      return (await call(reply, "POST", "/predict", { requests })).predictions;
    },
    async windows({ name, environment }, fromMs) {
      const page = z.looseObject({ items: z.array(windowSchema), nextCursor: z.string().nullable() });
      const windows: ServiceWindow[] = [];
      let cursor: string | null = null;
      do {
        const query = new URLSearchParams({ environment, from: String(Math.floor(fromMs)), limit: "1000" });
        if (cursor !== null) query.set("cursor", cursor);
        const reply: z.infer<typeof page> = await call(page, "GET", `/services/${name}/windows?${query}`);
        windows.push(...reply.items);
        cursor = reply.nextCursor;
      } while (cursor !== null);
      return windows.sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
    },
    async classify(errors) {
      const reply = z.looseObject({ classifications: z.array(classificationSchema) });
      return (await call(reply, "POST", "/classify", { errors })).classifications;
    },
    giveClassFeedback: (classificationId, label) =>
      call(feedbackSchema, "POST", "/feedback", {
        target: { classificationId },
        label: { class: label },
        operator: "user@example.com",
      }),
    train: (model, seed) =>
      call(trainingJobSchema, "POST", "/training/jobs", { model, requestedBy: "demo", params: { seed } }),
    trainingJob: (id) => call(trainingJobSchema, "GET", `/training/jobs/${id}`),
  };
}
