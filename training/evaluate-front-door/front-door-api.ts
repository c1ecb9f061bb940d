/** The calls of Harbinger's HTTP API that this evaluation makes, with as much of the answers as it reads. */
import { z } from "zod";

const servicesSchema = z.looseObject({
  items: z.array(z.looseObject({ name: z.string(), windowEnd: z.string().nullable() })),
  nextCursor: z.string().nullable(),
});

const trainingJobSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  version: z.string().nullable(),
  metrics: z.record(z.string(), z.unknown()).nullable(),
  verdict: z.looseObject({ passed: z.boolean(), reason: z.string() }).nullable(),
  error: z.string().nullable(),
});
export type TrainingJob = z.infer<typeof trainingJobSchema>;

const predictionSchema = z.looseObject({
  step: z.string(),
  horizons: z.array(z.looseObject({ horizonMs: z.number(), probability: z.number() })),
  asOf: z.looseObject({ windowEnd: z.string().nullable(), modelSawLater: z.boolean().nullable() }),
});
export type Prediction = z.infer<typeof predictionSchema>;

const errorsSchema = z.looseObject({ items: z.array(z.looseObject({ class: z.string(), errorCount: z.number() })) });

export interface Question {
  service: string;
  atMs: number;
}

export interface FrontDoorApi {
  /** end of the newest closed window, null before the first */
  closedThroughMs(): Promise<number | null>;
  /** records that came after their window was closed */
  lateRecords(): Promise<number>;
  /** classes of the kinds of error that were seen, the most frequent first */
  errorClasses(): Promise<string[]>;
  train(params: { through: string; seed: number }): Promise<TrainingJob>;
  trainingJob(id: string): Promise<TrainingJob>;
  /** without explanations, in the order asked for; at most 1 000 */
  predict(questions: readonly Question[]): Promise<Prediction[]>;
}

const ANSWER_TIMEOUT_MS = 120_000;

export function createFrontDoorApi(baseUrl: string): FrontDoorApi {
  async function send(method: "GET" | "POST", path: string, body?: unknown): Promise<string> {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 1_000)}`);
    return text;
  }
  const call = async <T>(schema: z.ZodType<T>, ...request: Parameters<typeof send>): Promise<T> =>
    schema.parse(JSON.parse(await send(...request)));

  return {
    async closedThroughMs() {
      // A site that ended long ago is retired and stays behind: all others close together.
      let newest: number | null = null;
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page: z.infer<typeof servicesSchema> = await call(servicesSchema, "GET", `/services?limit=1000${after}`);
        for (const { windowEnd } of page.items) {
          if (windowEnd !== null) newest = Math.max(newest ?? 0, Date.parse(windowEnd));
        }
        cursor = page.nextCursor;
      } while (cursor !== null);
      return newest;
    },
    async lateRecords() {
      const lines = (await send("GET", "/metrics")).split("\n");
      const values = lines.filter((line) => /^harbinger_records_late(_total)?[{ ]/.test(line));
      return values.reduce((sum, line) => sum + Number(line.split(" ").at(1)), 0);
    },
    async errorClasses() {
      const { items } = await call(errorsSchema, "GET", "/errors");
      return items.sort((a, b) => b.errorCount - a.errorCount).map((group) => group.class);
    },
    train: (params) =>
      call(trainingJobSchema, "POST", "/training/jobs", {
        model: "failure-predictor",
        requestedBy: "evaluate front-door",
        params,
      }),
    trainingJob: (id) => call(trainingJobSchema, "GET", `/training/jobs/${id}`),
    async predict(questions) {
      const requests = questions.map(({ service, atMs }) => ({ service, at: new Date(atMs).toISOString() }));
      const reply = z.looseObject({ predictions: z.array(predictionSchema) });
      return (await call(reply, "POST", "/predict", { requests })).predictions;
    },
  };
}
