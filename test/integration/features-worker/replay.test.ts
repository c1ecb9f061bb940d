/** A backlog drains as fast as several workers can, much faster than real time, while windows close behind it. Nothing may be late, and
 *  the windows must be those of one worker. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { TelemetryJob } from "../../../models/telemetry/records.ts";
import { mergeJob } from "../../../services/features/merge/merge-job.ts";
import { systemClock } from "../../../services/platform/clock.ts";
import { openTelemetryJob, sealBatch } from "../../../services/platform/queue/telemetry-job.ts";
import { readLedger } from "../../../services/platform/store/ledger-store.ts";
import { openTestQueues, type TestQueues } from "../../helpers/queue.ts";
import { batch, createFixture, error, type Fixture, SIZE_MS, snapshot, T0 } from "./worker-fixture.ts";

const WINDOWS = 60;
const JOBS_PER_WINDOW = 4;

let fixture: Fixture;
let queue: TestQueues;
beforeAll(async () => {
  fixture = await createFixture();
  queue = await openTestQueues(fixture.url);
});
afterAll(async () => {
  await queue.dispose();
  await fixture.drop();
});
beforeEach(() => fixture.clear());

/** In the order of their events; errors come twice, as span event and as log record, and look alike across jobs. */
function backlog(): TelemetryJob[] {
  return Array.from({ length: WINDOWS * JOBS_PER_WINDOW }, (_, index) => {
    const atMs = T0 + Math.floor((index * SIZE_MS) / JOBS_PER_WINDOW) + 5_000;
    const ids = { traceId: index.toString(16).padStart(32, "0"), spanId: "b7ad6b7169203331" };
    const failed = error("web", atMs, { ...ids, exceptionMessage: `Read timed out after ${index} tries` });
    const errors = [failed, { ...failed, source: "log" as const }, error("payment", atMs, { exceptionMessage: "no" })];
    const traffic = [
      { service: "web", atMs, requests: 10 + (index % 7), failures: index % 3 },
      { service: "payment", atMs, requests: 1 + (index % 5), calls: { callee: "db", count: 2, errors: index % 2 } },
    ];
    return { batches: [batch(traffic, { errors, receivedAtMs: T0 + 10 * WINDOWS * SIZE_MS })] };
  });
}

/** @returns how many windows were closed before the backlog was gone */
async function drain(workerCount: number): Promise<number> {
  const { telemetry } = queue.queues;
  const closer = fixture.newCloser({ clock: systemClock, queueDepth: () => telemetry.depth() });
  // It finds the queue empty once, so it is not recovering from a restart: then it would wait for the end of the backlog.
  await closer.tick();
  for (const job of backlog()) await telemetry.add("telemetry", { batches: job.batches.map(sealBatch) });
  // Some jobs dawdle, before they have the lock and after: their followers overtake them.
  let taken = 0;
  const judge: typeof fixture.mergeDeps.classifier.judge = async (questions) => {
    if (taken % 5 === 0) await sleep(40);
    return fixture.mergeDeps.classifier.judge(questions);
  };
  const deps = { ...fixture.mergeDeps, classifier: { judge } };
  const merge = async (job: TelemetryJob) => {
    taken += 1;
    if (taken % 11 === 0) await sleep(150);
    await mergeJob(job, deps);
  };
  const workers = Array.from({ length: workerCount }, () =>
    telemetry.work(({ payload }) => merge(openTelemetryJob(payload)), { concurrency: 2 }),
  );
  let closedBehind = 0;
  try {
    for (;;) {
      const closed = await closer.tick();
      if ((await readLedger(fixture.db))["batches.merged"] === WINDOWS * JOBS_PER_WINDOW) break;
      closedBehind += closed;
      await sleep(5);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
  await closer.tick();
  return closedBehind;
}

it("counts nothing as late, and gives the windows of a single worker bit for bit", { timeout: 300_000 }, async () => {
  const results: Record<string, unknown>[] = [];
  for (const workerCount of [1, 4]) {
    await fixture.clear();
    const closedBehind = await drain(workerCount);
    // Otherwise nothing was tested: windows have to close while jobs are on the way.
    expect(closedBehind).toBeGreaterThan(0);
    expect((await readLedger(fixture.db))["records.late"]).toBe(0);
    results.push((await snapshot(fixture.db)) as Record<string, unknown>);
  }
  const [alone, together] = results;
  for (const table of ["windows", "vectors", "states", "groups", "groupServices", "ledger"]) {
    expect(together?.[table], table).toEqual(alone?.[table]);
  }
});
