import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../services/platform/clock.ts";
import type { TrainingJobRequest } from "../../../services/platform/queue/training-job.ts";
import {
  createTrainingJob,
  failSilentTrainingJobs,
  listTrainingJobs,
  readTrainingJob,
  startTrainingJob,
  type TrainingOutcome,
} from "../../../services/platform/store/training-jobs-store.ts";
import type { TrainingSettings } from "../../../training/settings.ts";
import { startTrainingWorker, type TrainingWorker, type WorkerDeps } from "../../../training/worker.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { openTestQueues, type TestQueues } from "../../helpers/queue.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const REQUEST: TrainingJobRequest = { model: "failure-predictor", requestedBy: "user@example.com", reason: "manual" };
const PROMOTED: TrainingOutcome = {
  state: "promoted",
  version: "1",
  metrics: { accuracy: 0.9 },
  verdict: { passed: true },
  error: null,
};

let database: TestDatabase;
let queues: TestQueues;
let workers: TrainingWorker[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  queues = await openTestQueues(database.url);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
});
afterAll(async () => {
  await queues.dispose();
  await database.drop();
});

async function start(run: WorkerDeps["run"]): Promise<TrainingWorker> {
  const worker = await startTrainingWorker({
    db: database.db,
    queue: queues.queues.training,
    clock: systemClock,
    logger: silentLogger,
    // The runs of these tests do not look at their settings.
    settingsFor: (request) => ({ model: request.model }) as TrainingSettings,
    run,
  });
  workers.push(worker);
  return worker;
}

async function submit(): Promise<string> {
  const id = randomUUID();
  await createTrainingJob(database.db, { id, ...REQUEST, params: {}, createdAtMs: Date.now() });
  await queues.queues.training.add(REQUEST.model, { ...REQUEST, trainingJobId: id }, { jobId: id });
  return id;
}

const stateOf = async (id: string) => (await readTrainingJob(database.db, id))?.state;
const becomes = (id: string, state: string) => expect.poll(() => stateOf(id), { timeout: 30_000 }).toBe(state);

describe("the training worker", () => {
  it("brings a job to its final state, with progress on the way", async () => {
    await start(async (_, onProgress) => {
      onProgress({ kind: "progress", stage: "fit", percent: 41.6, detail: "epoch 3" });
      await expect.poll(async () => (await listTrainingJobs(database.db, { limit: 1 }))[0]?.progress).not.toBeNull();
      return PROMOTED;
    });
    const id = await submit();
    await becomes(id, "promoted");
    expect(await readTrainingJob(database.db, id)).toMatchObject({
      version: "1",
      progress: { stage: "fit", percent: 42, detail: "epoch 3" },
      metrics: { accuracy: 0.9 },
      startedAtMs: expect.any(Number),
      finishedAtMs: expect.any(Number),
    });
  });

  it("writes a row for a run that nobody recorded before, such as a schedule's", async () => {
    await start(async () => ({ ...PROMOTED, state: "rejected", verdict: { passed: false } }));
    await queues.queues.training.add("nightly", { ...REQUEST, reason: "schedule" });
    await expect
      .poll(async () => (await listTrainingJobs(database.db, { limit: 1 }))[0], { timeout: 30_000 })
      .toMatchObject({ state: "rejected", reason: "schedule" });
  });

  it("records a failed run and goes on with the next job", async () => {
    const outcomes: TrainingOutcome[] = [
      { state: "failed", version: null, metrics: null, verdict: null, error: "the training process ran out of memory" },
      PROMOTED,
    ];
    await start(async () => outcomes.shift()!);
    const [first, second] = [await submit(), await submit()];
    await becomes(second, "promoted");
    expect(await readTrainingJob(database.db, first)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("memory"),
    });
  });

  it("gives a job back when it is stopped, and the next worker finishes it", async () => {
    const stopped = await start((_settings, _onProgress, signal) => {
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const id = await submit();
    await becomes(id, "running");
    await stopped.stop();
    expect(await stateOf(id)).toBe("queued");
    await start(async () => PROMOTED);
    await becomes(id, "promoted");
  });

  it("does not run a job that has already ended", async () => {
    let runs = 0;
    const id = await submit();
    await startTrainingJob(database.db, id, 1);
    await failSilentTrainingJobs(database.db, { lastBeatMs: 2, atMs: 3, queueIsEmpty: false });
    await start(async () => {
      runs += 1;
      return PROMOTED;
    });
    const after = await submit();
    await becomes(after, "promoted");
    expect(await stateOf(id)).toBe("failed");
    expect(runs).toBe(1);
  });

  it("ends jobs whose process gave no sign of life, and jobs that the queue lost", async () => {
    const [dead, lost] = [randomUUID(), randomUUID()];
    for (const id of [dead, lost]) {
      await createTrainingJob(database.db, { id, ...REQUEST, params: {}, createdAtMs: 1000 });
    }
    await startTrainingJob(database.db, dead, 1000);
    await start(async () => PROMOTED);
    expect(await readTrainingJob(database.db, dead)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("process"),
    });
    expect(await readTrainingJob(database.db, lost)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("queue"),
    });
  });
});
