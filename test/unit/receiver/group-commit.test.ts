import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SealedTelemetryJob } from "../../../services/platform/queue/telemetry-job.ts";
import { createGroupCommit, type GroupCommitOptions } from "../../../services/receiver/intake/group-commit.ts";

function commitTo(add: (job: SealedTelemetryJob) => Promise<unknown>, changes: Partial<GroupCommitOptions> = {}) {
  return createGroupCommit({ add, maxWaitMs: 3, maxBatches: 4, maxBytes: 1_000, timeoutMs: 50, ...changes });
}

const batchesOf = (jobs: SealedTelemetryJob[]) => jobs.map(({ batches }) => batches);

describe("group commit", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("writes what arrives within the wait as one job and acknowledges only after it is durable", async () => {
    const jobs: SealedTelemetryJob[] = [];
    let finish: () => void = () => {};
    const commit = commitTo((job) => {
      jobs.push(job);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const acknowledged: string[] = [];
    for (const id of ["a", "b", "c"]) void commit.commit(id).then(() => acknowledged.push(id));
    await vi.advanceTimersByTimeAsync(2);
    expect(jobs).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(batchesOf(jobs)).toEqual([["a", "b", "c"]]);
    expect(acknowledged).toEqual([]);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(acknowledged).toEqual(["a", "b", "c"]);
  });

  it("does not wait once a group is full or heavy", async () => {
    const jobs: SealedTelemetryJob[] = [];
    const commit = commitTo(async (job) => jobs.push(job));
    await Promise.all(["a", "b", "c", "d"].map((id) => commit.commit(id)));
    const heavy = "e".repeat(1_000);
    await commit.commit(heavy);
    expect(batchesOf(jobs)).toEqual([["a", "b", "c", "d"], [heavy]]);
  });

  it("turns any failure of the queue into one that senders retry, for everyone in the group", async () => {
    const commit = commitTo(() => Promise.reject(new TypeError("no table")));
    const results = Promise.allSettled([commit.commit("a"), commit.commit("b")]);
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
    const first = expect(commit.commit("a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await vi.advanceTimersByTimeAsync(53);
    await first;
    const second = commit.commit("b");
    await vi.advanceTimersByTimeAsync(3);
    await expect(second).resolves.toBeUndefined();
  });

  it("sends what waits when it is closed", async () => {
    const jobs: SealedTelemetryJob[] = [];
    const commit = commitTo(async (job) => jobs.push(job));
    const written = commit.commit("a");
    await commit.close();
    await written;
    expect(batchesOf(jobs)).toEqual([["a"]]);
  });
});
