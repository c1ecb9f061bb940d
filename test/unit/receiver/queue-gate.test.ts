import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { QueueDepth } from "../../../services/platform/queue/job-queue.ts";
import { createQueueGate, type QueueGate } from "../../../services/receiver/intake/queue-gate.ts";

describe("the queue gate", () => {
  let depth: QueueDepth | Error = { waiting: 0, active: 0, delayed: 0, failed: 0 };
  let gate: QueueGate;
  const holds = (waiting: number, delayed = 0) => {
    depth = { waiting, active: 0, delayed, failed: 0 };
  };
  const look = () => vi.advanceTimersByTimeAsync(1_000);

  beforeEach(() => {
    vi.useFakeTimers();
    holds(0);
    gate = createQueueGate({
      depth: async () => {
        if (depth instanceof Error) throw depth;
        return depth;
      },
      maxJobs: 100,
      intervalMs: 1_000,
    });
  });
  afterEach(() => {
    gate.stop();
    vi.useRealTimers();
  });

  it("turns senders away from the bound on, and until a tenth of it is free again", async () => {
    await look();
    expect(() => gate.check()).not.toThrow();
    holds(60, 40);
    await look();
    expect(() => gate.check()).toThrow(expect.objectContaining({ code: "OVERLOADED", retryable: true }));
    holds(91);
    await look();
    expect(gate.isFull()).toBe(true);
    holds(89);
    await look();
    expect(() => gate.check()).not.toThrow();
  });

  it("stays as it is while the queue cannot be asked", async () => {
    holds(100);
    await look();
    depth = new Error("no answer");
    await look();
    expect(gate.isFull()).toBe(true);
    holds(0);
    await look();
    expect(gate.isFull()).toBe(false);
  });

  it("looks no more once it is stopped", async () => {
    gate.stop();
    holds(1_000);
    await look();
    expect(gate.isFull()).toBe(false);
  });
});
