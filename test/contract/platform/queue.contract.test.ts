/** What a job queue must do, whatever it is kept in. One suite, every backend. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HarbingerError } from "../../../services/platform/errors.ts";
import type { Job, JobWorker } from "../../../services/platform/queue/job-queue.ts";
import type { Queues } from "../../../services/platform/queue/queues.ts";
import type { SealedTelemetryJob } from "../../../services/platform/queue/telemetry-job.ts";
import type { TrainingJobRequest } from "../../../services/platform/queue/training-job.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { openTestQueues, type TestQueues } from "../../helpers/queue.ts";
import { describeOnEveryQueue } from "../../helpers/queue-backends.ts";

const request = (requestedBy: string): TrainingJobRequest => ({
  model: "failure-predictor",
  requestedBy,
  reason: "manual",
});

describeOnEveryQueue("a queue on $backend", (redisUrl) => {
  let database: { url: string; drop(): Promise<void> };
  let opened: TestQueues;
  let queues: Queues;
  const workers: JobWorker[] = [];

  beforeEach(async () => {
    database = await createEmptyDatabase();
    opened = await openTestQueues(database.url, redisUrl);
    queues = opened.queues;
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await opened.dispose();
    await database.drop();
  });

  const work = <T>(
    queue: { work(handler: (job: Job<T>) => Promise<unknown>, options: { concurrency: number }): JobWorker },
    handler: (job: Job<T>) => Promise<unknown>,
    concurrency = 4,
  ) => {
    const worker = queue.work(handler, { concurrency });
    workers.push(worker);
    return worker;
  };
  test("a job that was added is there for a worker that comes later, with its payload unchanged", async () => {
    // U+0000 and a lone surrogate occur in real error messages, and jsonb refuses both.
    const payload = { batches: [], note: "nul \u0000, half a pair \ud800, ünï 💥" } as unknown as SealedTelemetryJob;
    const { id } = await queues.telemetry.add("batch", payload);
    expect(await queues.telemetry.depth()).toMatchObject({ waiting: 1, active: 0, failed: 0 });

    const received = new Promise<Job<SealedTelemetryJob>>((resolve) => {
      work(queues.telemetry, async (job) => resolve(job));
    });
    const job = await received;
    expect(job).toMatchObject({ id, name: "batch", attempt: 1 });
    expect(job.payload).toEqual(payload);
    await eventually(async () => expect(await queues.telemetry.depth()).toEqual(emptyDepth));
  });

  test("adding the same job id twice makes one job", async () => {
    await queues.training.add("train", request("first"), { jobId: "job-a" });
    await queues.training.add("train", request("second"), { jobId: "job-a" });
    expect((await queues.training.depth()).waiting).toBe(1);
  });

  test("every job of many reaches exactly one of several workers", async () => {
    const seen: string[] = [];
    const note = async (job: Job<TrainingJobRequest>) => {
      seen.push(job.payload.requestedBy);
    };
    work(queues.training, note);
    work(queues.training, note);
    const names = Array.from({ length: 60 }, (_, index) => `request-${index}`);
    await Promise.all(names.map((name) => queues.training.add("train", request(name))));
    await eventually(() => expect(seen.length).toBe(names.length));
    expect([...seen].sort()).toEqual([...names].sort());
  });

  test.each([
    { size: "small", characters: 10, heldCount: 4 },
    { size: "large", characters: 9_000, heldCount: 1 },
  ])("a worker that goes by size holds as many $size jobs as fit", async ({ characters, heldCount }) => {
    const held = new Set<() => void>();
    let mostHeld = 0;
    const handler = () =>
      new Promise<void>((resolve) => {
        held.add(resolve);
        mostHeld = Math.max(mostHeld, held.size);
      });
    workers.push(queues.telemetry.work(handler, { concurrency: 1, bySize: { mostJobs: 4, maxBytes: 10_000 } }));
    const payload = { batches: ["x".repeat(characters)] };
    await Promise.all(Array.from({ length: 9 }, () => queues.telemetry.add("batch", payload)));
    const finishHeld = () => {
      for (const finish of held) finish();
      held.clear();
    };
    // The first one tells the size.
    await eventually(() => expect(held.size).toBeGreaterThan(0));
    finishHeld();
    await eventually(() => expect(held.size).toBe(heldCount));
    await eventually(async () => {
      finishHeld();
      expect(await queues.telemetry.depth()).toEqual(emptyDepth);
    });
    expect(mostHeld).toBe(heldCount);
  });

  test("a retryable error brings the job back, with the attempt counted", async () => {
    const attempts: number[] = [];
    work(queues.training, async (job) => {
      attempts.push(job.attempt);
      if (job.attempt < 3) throw new HarbingerError("UNAVAILABLE", "not just now");
    });
    await queues.training.add("train", request("anyone"));
    await eventually(() => expect(attempts).toEqual([1, 2, 3]));
    await eventually(async () => expect(await queues.training.depth()).toMatchObject({ delayed: 0, failed: 0 }));
  });

  test.each([
    ["bad input", () => new HarbingerError("INVALID_INPUT", "cannot be used")],
    ["a bug", () => new TypeError("undefined is not a function")],
  ])("%s fails the job at once, and the failed job is kept", async (_case, makeError) => {
    let calls = 0;
    work(queues.telemetry, async () => {
      calls += 1;
      throw makeError();
    });
    await queues.telemetry.add("batch", { batches: [] });
    await eventually(async () => expect((await queues.telemetry.depth()).failed).toBe(1));
    expect(calls).toBe(1);
  });

  test("failed jobs can be put back once their cause is gone", async () => {
    let isBroken = true;
    let succeeded = 0;
    work(queues.telemetry, async () => {
      if (isBroken) throw new HarbingerError("INVALID_INPUT", "cannot be used");
      succeeded += 1;
    });
    await queues.telemetry.add("batch", { batches: [] });
    await eventually(async () => expect((await queues.telemetry.depth()).failed).toBe(1));
    isBroken = false;
    expect(await queues.telemetry.retryFailed()).toBe(1);
    await eventually(() => expect(succeeded).toBe(1));
    await eventually(async () => expect(await queues.telemetry.depth()).toEqual(emptyDepth));
  });

  test("failed jobs say what they failed on, the newest first, and can be put back one by one", async () => {
    let isBroken = true;
    const succeeded: string[] = [];
    work(queues.training, async (job) => {
      if (isBroken) throw new HarbingerError("INVALID_INPUT", `cannot use ${job.payload.requestedBy}`);
      succeeded.push(job.payload.requestedBy);
    });
    for (const [index, name] of ["first", "second", "third"].entries()) {
      await queues.training.add("train", request(name), { jobId: `job-${name}` });
      await eventually(async () => expect((await queues.training.depth()).failed).toBe(index + 1));
    }
    const all = await queues.training.failedJobs({ limit: 10 });
    expect(all.map(({ id, attempts, reason }) => ({ id, attempts, reason }))).toEqual(
      ["third", "second", "first"].map((name) => ({
        ...{ id: `job-${name}`, attempts: 1, reason: `INVALID_INPUT: cannot use ${name}` },
      })),
    );
    for (const { addedAtMs, failedAtMs, payloadBytes } of all) {
      expect(failedAtMs).toBeGreaterThanOrEqual(addedAtMs);
      expect(payloadBytes).toBeGreaterThan(50);
    }
    expect((await queues.training.failedJobs({ limit: 1, skip: 1 })).map(({ id }) => id)).toEqual(["job-second"]);

    isBroken = false;
    expect(await queues.training.retryFailed(["job-second", "job-second", "nobody"])).toBe(1);
    await eventually(() => expect(succeeded).toEqual(["second"]));
    expect((await queues.training.depth()).failed).toBe(2);
  });

  test("progress can be reported while a job runs", async () => {
    const outcome = new Promise<string>((resolve) => {
      work(queues.training, async (job) => {
        await job.reportProgress({ stage: "fit", epoch: 3 });
        resolve("reported");
      });
    });
    await queues.training.add("train", request("anyone"));
    expect(await outcome).toBe("reported");
  });

  test("a closing worker finishes the job it has and takes no other", async () => {
    const finished: string[] = [];
    let release = () => {};
    const started = new Promise<void>((resolveStarted) => {
      const gate = new Promise<void>((resolveGate) => {
        release = resolveGate;
      });
      work(
        queues.training,
        async (job) => {
          resolveStarted();
          await gate;
          finished.push(job.payload.requestedBy);
        },
        1,
      );
    });
    await queues.training.add("train", request("first"));
    await started;
    await queues.training.add("train", request("second"));
    const closing = workers[0]?.close();
    release();
    await closing;
    expect(finished).toEqual(["first"]);
    expect(await queues.training.depth()).toMatchObject({ waiting: 1, active: 0 });
  });

  test("an interval schedule runs again and again until it is removed", async () => {
    const runs: string[] = [];
    work(queues.training, async (job) => {
      runs.push(job.payload.requestedBy);
    });
    await queues.training.upsertSchedule("often", { everyMs: 1_000 }, request("schedule"));
    await eventually(() => expect(runs.length).toBeGreaterThanOrEqual(2));
    expect(await queues.training.removeSchedule("often")).toBe(true);
    expect(await queues.training.removeSchedule("often")).toBe(false);
    expect(await queues.training.schedules()).toEqual([]);
    const { waiting, delayed } = await queues.training.depth();
    expect({ waiting, delayed }).toEqual({ waiting: 0, delayed: 0 });
  });

  test("a cron schedule shows when it runs next, and writing it again replaces it", async () => {
    await queues.training.upsertSchedule("nightly", { pattern: "0 3 * * *", timezone: "Asia/Kolkata" }, request("a"));
    await queues.training.upsertSchedule("nightly", { pattern: "30 4 * * *", timezone: "Asia/Kolkata" }, request("b"));
    const schedules = await queues.training.schedules();
    expect(schedules).toHaveLength(1);
    const [nightly] = schedules;
    expect(nightly).toMatchObject({ name: "nightly", pattern: "30 4 * * *", timezone: "Asia/Kolkata" });
    expect(nightly?.payload.requestedBy).toBe("b");
    // 04:30 in Kolkata is 23:00 UTC.
    expect(new Date(nightly?.nextRunAtMs ?? 0).toISOString()).toMatch(/T23:00:00/);
    await queues.training.removeSchedule("nightly");
  });

  test.each([
    [{ pattern: "every now and then" }],
    [{ pattern: "0 3 * * *", timezone: "Mars/Olympus" }],
    [{ everyMs: 10 }],
    [{}],
    [{ pattern: "0 3 * * *", everyMs: 5_000 }],
  ])("a schedule that cannot be understood is bad input: %j", async (schedule) => {
    const attempt = queues.training.upsertSchedule("odd", schedule, request("anyone"));
    await expect(attempt).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("a closed queue refuses jobs as unavailable and does not hang", async () => {
    await queues.close();
    await expect(queues.telemetry.add("batch", { batches: [] })).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

const emptyDepth = { waiting: 0, active: 0, delayed: 0, failed: 0 };

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
