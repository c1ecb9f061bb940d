/** What BullMQ tells of itself, whatever the jobs are kept in: spans that span processes, and metrics that stay few. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { newUuid, systemClock } from "../../../services/platform/clock.ts";
import { HarbingerError } from "../../../services/platform/errors.ts";
import { observeQueueDepth } from "../../../services/platform/queue/depth-metrics.ts";
import { openQueues, type Queues } from "../../../services/platform/queue/queues.ts";
import { type SelfTelemetry, startSelfTelemetry } from "../../../services/platform/telemetry/self-telemetry.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { removeKeys } from "../../helpers/queue.ts";
import { describeOnEveryQueue } from "../../helpers/queue-backends.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
beforeAll(() => provider.register());
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});

describeOnEveryQueue("the telemetry of a queue on $backend", (redisUrl) => {
  let database: { url: string; drop(): Promise<void> };
  let telemetry: SelfTelemetry;
  let prefix: string;
  const opened: Queues[] = [];
  beforeEach(async () => {
    exporter.reset();
    database = await createEmptyDatabase();
    prefix = `harbinger-test-${randomUUID()}`;
    telemetry = startSelfTelemetry({
      serviceName: "harbinger",
      serviceVersion: "test",
      instanceId: "1",
      exportIntervalMs: 60_000,
      logger: silentLogger,
      clock: systemClock,
    });
  });
  afterEach(async () => {
    for (const queues of opened.splice(0)) await queues.close();
    if (redisUrl !== undefined) await removeKeys(redisUrl, prefix);
    await telemetry.stop();
    await database.drop();
  });

  /** As one process opens them; each has its own connections. */
  const open = async (traced: boolean) => {
    const queues = await openQueues({
      databaseUrl: database.url,
      ...(redisUrl !== undefined && { redisUrl, redisPrefix: prefix }),
      maxConnections: 8,
      newId: newUuid,
      clock: systemClock,
      logger: silentLogger,
      meter: telemetry.meter,
      traced,
    });
    opened.push(queues);
    return queues;
  };
  const request = { model: "failure-predictor", requestedBy: "user@example.com", reason: "manual" } as const;

  test("one trace goes from the process that adds a job to the one that does it, and into what the job does", async () => {
    const adding = await open(true);
    const working = await open(true);
    const { traceId } = await trace.getTracer("test").startActiveSpan("request", async (span) => {
      await adding.training.add("train", request);
      span.end();
      return span.spanContext();
    });
    working.training.work(async () => trace.getTracer("test").startSpan("fit").end(), { concurrency: 1 });
    await eventually(() => expect(spans("process training")).toHaveLength(1));
    const [add] = spans("add training.train");
    const [process] = spans("process training");
    const [fit] = spans("fit");
    expect(add).toMatchObject({ kind: SpanKind.PRODUCER });
    expect(process).toMatchObject({ kind: SpanKind.CONSUMER });
    expect(process?.parentSpanContext?.spanId).toBe(add?.spanContext().spanId);
    expect(fit?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId);
    expect([add, process, fit].map((span) => span?.spanContext().traceId)).toEqual([traceId, traceId, traceId]);
  });

  test("a failed job's span has status ERROR, and a retry belongs to the same trace", async () => {
    const queues = await open(true);
    queues.training.work(
      async ({ attempt }) => {
        if (attempt === 1) throw new HarbingerError("UNAVAILABLE", "not just now");
      },
      { concurrency: 1 },
    );
    await queues.training.add("train", request);
    await eventually(() => expect(spans("process training")).toHaveLength(2));
    const [failed, retried] = spans("process training");
    expect(failed?.status.code).toBe(SpanStatusCode.ERROR);
    expect(retried?.status.code).toBe(SpanStatusCode.UNSET);
    expect(retried?.spanContext().traceId).toBe(failed?.spanContext().traceId);
  });

  test("a worker that finds nothing to do makes no trace", async () => {
    const queues = await open(true);
    let done = 0;
    queues.training.work(
      async () => {
        done += 1;
      },
      { concurrency: 2 },
    );
    await queues.training.add("train", request);
    await eventually(() => expect(spans("process training")).toHaveLength(1));
    await sleep(1_500);
    expect(done).toBe(1);
    const traceIds = new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId));
    expect(traceIds.size).toBe(1);
  });

  test("jobs of a process that does not trace are done by one that does, and the other way round", async () => {
    const silent = await open(false);
    const tracing = await open(true);
    await silent.training.add("train", request);
    tracing.training.work(async () => {}, { concurrency: 1 });
    await eventually(() => expect(spans("process training")).toHaveLength(1));
    await tracing.telemetry.add("telemetry", { batches: [] });
    let done = 0;
    silent.telemetry.work(
      async () => {
        done += 1;
      },
      { concurrency: 1 },
    );
    await eventually(() => expect(done).toBe(1));
    expect(spans("process telemetry")).toEqual([]);
  });

  test("metrics arrive without tracing, one series for each queue and state, whatever the jobs are called", async () => {
    const queues = await open(false);
    observeQueueDepth(telemetry.meter, queues);
    await queues.training.add("train", request);
    await sleep(20);
    const before = await telemetry.renderMetrics();
    expect(value(before, 'harbinger_queue_oldest_job_age{queue="training"')).toBeGreaterThan(0.01);
    expect(value(before, 'harbinger_queue_oldest_job_age{queue="telemetry"')).toBe(0);
    expect(value(before, 'harbinger_queue_depth{queue="training",state="waiting"')).toBe(1);
    expect(value(before, 'bullmq_queue_jobs{bullmq_queue_name="training",bullmq_queue_jobs_state="waiting"')).toBe(1);

    queues.training.work(
      async ({ name, attempt }) => {
        if (name === "retried" && attempt === 1) throw new HarbingerError("UNAVAILABLE", "not just now");
        if (name === "bad") throw new HarbingerError("INVALID_INPUT", "no");
      },
      { concurrency: 4 },
    );
    for (const name of ["a", "b", "retried", "bad"]) await queues.training.add(name, request);
    const of = (page: string, counter: string, state: string) =>
      value(page, `bullmq_jobs_${counter}_total{bullmq_queue_name="training",bullmq_job_state="${state}"`);
    let page = "";
    await eventually(async () => {
      page = await telemetry.renderMetrics();
      expect([of(page, "completed", "completed"), of(page, "failed", "failed")]).toEqual([4, 1]);
    });
    expect(of(page, "delayed", "delayed")).toBe(1);
    expect(page).toMatch(/bullmq_job_duration_count\{[^}]*bullmq_job_state="completed"[^}]*\} 4/);
    expect(page).not.toContain("bullmq_job_name");
  });
});

const spans = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);

/** @param series the start of its line */
function value(page: string, series: string): number | undefined {
  const line = page.split("\n").find((text) => text.startsWith(series));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

async function eventually(assertion: () => unknown, attempts = 600): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(25);
    }
  }
}
