import { describe, expect, it } from "vitest";
import { createJobsInHand } from "../../../services/platform/queue/jobs-in-hand.ts";

describe("how many jobs a worker holds", () => {
  const create = () => createJobsInHand({ leastJobs: 2, mostJobs: 32, maxBytes: 1_000 });

  it("is as many as fit, between the bounds", () => {
    const held = (bytes: number) => create().see(bytes);
    expect([0, 10, 100, 300, 499, 600, 1e9].map(held)).toEqual([32, 32, 10, 3, 2, 2, 2]);
  });

  it("is few at once when a large job comes, and grows while none follows it", () => {
    const jobs = create();
    expect(jobs.see(10)).toBe(32);
    const counts = [jobs.see(1_000), ...Array.from({ length: 100 }, () => jobs.see(10))];
    expect(counts.slice(0, 10).every((count) => count === 2)).toBe(true);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(32);
  });
});
