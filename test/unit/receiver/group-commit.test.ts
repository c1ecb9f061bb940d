import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TelemetryBatch, TelemetryJob } from "../../../models/telemetry/records.ts";
import { createGroupCommit, type GroupCommitOptions } from "../../../services/receiver/group-commit.ts";

const batch = (batchId: string): TelemetryBatch => ({
  format: 1,
  batchId,
  signal: "traces",
  receivedAtMs: 0,
  windowSizeMs: 1,
  recordCount: 1,
  rejected: {},
  maxEventTimeMs: null,
  windows: [],
  errors: [],
});

function commitTo(add: (job: TelemetryJob) => Promise<unknown>, changes: Partial<GroupCommitOptions> = {}) {
  return createGroupCommit({ add, maxWaitMs: 3, maxBatches: 4, maxWeightBytes: 1_000, timeoutMs: 50, ...changes });
}

const idsOf = (jobs: TelemetryJob[]) => jobs.map(({ batches }) => batches.map(({ batchId }) => batchId));

describe("group commit", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("writes what arrives within the wait as one job and acknowledges only after it is durable", async () => {
    const jobs: TelemetryJob[] = [];
    let finish: () => void = () => {};
    const commit = commitTo((job) => {
      jobs.push(job);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const acknowledged: string[] = [];
    for (const id of ["a", "b", "c"]) void commit.commit(batch(id), 10).then(() => acknowledged.push(id));
    await vi.advanceTimersByTimeAsync(2);
    expect(jobs).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(idsOf(jobs)).toEqual([["a", "b", "c"]]);
    expect(acknowledged).toEqual([]);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(acknowledged).toEqual(["a", "b", "c"]);
  });

  it("does not wait once a group is full or heavy", async () => {
    const jobs: TelemetryJob[] = [];
    const commit = commitTo(async (job) => jobs.push(job));
    await Promise.all(["a", "b", "c", "d"].map((id) => commit.commit(batch(id), 1)));
    await commit.commit(batch("e"), 1_000);
    expect(idsOf(jobs)).toEqual([["a", "b", "c", "d"], ["e"]]);
  });

  it("turns any failure of the queue into one that senders retry, for everyone in the group", async () => {
    const commit = commitTo(() => Promise.reject(new TypeError("no table")));
    const results = Promise.allSettled([commit.commit(batch("a"), 1), commit.commit(batch("b"), 1)]);
    await vi.advanceTimersByTimeAsync(3);
    for (const result of await results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "UNAVAILABLE", retryable: true } });
    }
  });

  it("gives up on a queue that does not answer, and goes on with the next group", async () => {
    let calls = 0;
    const commit = commitTo(() => {
      calls += 1;
      return calls === 1 ? new Promise(() => {}) : Promise.resolve();
    });
    const first = expect(commit.commit(batch("a"), 1)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await vi.advanceTimersByTimeAsync(53);
    await first;
    const second = commit.commit(batch("b"), 1);
    await vi.advanceTimersByTimeAsync(3);
    await expect(second).resolves.toBeUndefined();
  });

  it("sends what waits when it is closed", async () => {
    const jobs: TelemetryJob[] = [];
    const commit = commitTo(async (job) => jobs.push(job));
    const written = commit.commit(batch("a"), 1);
    await commit.close();
    await written;
    expect(idsOf(jobs)).toEqual([["a"]]);
  });
});
