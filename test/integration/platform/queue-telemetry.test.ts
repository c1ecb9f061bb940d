/** What a whole platform tells of its queue, at an OTLP endpoint: two of them in one process, one after the other. */
import { afterEach, expect, it, vi } from "vitest";
import { startTestPlatform, type TestPlatform } from "../../helpers/platform.ts";
import { startTestReceiver, type TestReceiver } from "../../helpers/receiver.ts";

let collector: TestReceiver | undefined;
let running: TestPlatform | undefined;
afterEach(async () => {
  await running?.dispose();
  await collector?.stop();
  running = undefined;
  collector = undefined;
});

it.each([
  "first",
  "second",
])("BullMQ's spans and metrics reach the OTLP endpoint: the %s platform of a process", async () => {
  collector = await startTestReceiver({ nowMs: Date.now() });
  running = await startTestPlatform({
    HARBINGER_ROLES: "receiver",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: "100",
  });
  const { queues, renderMetrics } = running.platform;
  const done = new Promise<void>((resolve) => {
    queues.telemetry.work(async () => resolve(), { concurrency: 1 });
  });
  await queues.telemetry.add("telemetry", { batches: [] });
  await done;
  // a figure that the queue does not give in time is left out of one page
  await vi.waitFor(
    async () => {
      const page = await renderMetrics();
      expect(page).toMatch(/^harbinger_queue_oldest_job_age\{queue="telemetry".*\} 0$/m);
      expect(page).toMatch(/^harbinger_queue_depth\{queue="telemetry",state="waiting".*\} 0$/m);
    },
    { timeout: 20_000, interval: 100 },
  );

  // stopping closes the worker, which finishes its span, and sends what is pending
  await running.dispose();
  running = undefined;
  const batches = collector.batches();
  expect(batches.some(({ signal }) => signal === "metrics")).toBe(true);
  const spans = batches.filter(({ signal }) => signal === "traces").flatMap(({ windows }) => windows);
  expect(spans.every(({ service }) => service.name === "harbinger")).toBe(true);
  // `process` is a request served, `add` a call
  expect(spans.reduce((sum, { stats }) => sum + stats.requestCount, 0)).toBe(1);
  expect(spans.reduce((sum, { stats }) => sum + stats.callCount, 0)).toBe(1);
});
