import { describe, expect, it } from "vitest";
import { createBatcher } from "../../../services/platform/batcher.ts";

/** A run that ends when the test says so. */
function heldRuns() {
  const runs: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const run = (items: readonly number[]) =>
    new Promise<void>((resolve, reject) => {
      runs.push({ items: [...items], finish: resolve, fail: reject });
    });
  return { runs, run };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a batcher", () => {
  it("without a wait takes what one turn of the event loop brings", async () => {
    const { runs, run } = heldRuns();
    const batcher = createBatcher({ run, maxWaitMs: 0, maxItems: 10 });
    const both = Promise.all([batcher.add(1), batcher.add(2)]);
    expect(runs).toHaveLength(0);
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1, 2]]);
    runs[0]!.finish();
    await both;
  });

  it("lets the next group grow while as many runs as allowed are under way", async () => {
    const { runs, run } = heldRuns();
    const batcher = createBatcher({ run, maxWaitMs: 0, maxItems: 10, maxRuns: 1 });
    const first = batcher.add(1);
    await turn();
    const second = batcher.add(2);
    await turn();
    const third = batcher.add(3);
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1]]);
    runs[0]!.finish();
    await first;
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    runs[1]!.finish();
    await Promise.all([second, third]);
  });

  it("begins a further run only with a full group where that is asked for", async () => {
    const { runs, run } = heldRuns();
    const batcher = createBatcher({ run, maxWaitMs: 0, maxItems: 2, maxRuns: 2, maxPartialRuns: 1 });
    const all = Promise.all([1, 2, 3].map((item) => batcher.add(item)));
    await turn();
    expect(runs.map(({ items }) => items)).toEqual([[1, 2]]);
    const last = batcher.add(4);
    expect(runs.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    for (const { finish } of runs) finish();
    await Promise.all([all, last]);
  });

  it("never puts more into a run than is allowed, however much has gathered", async () => {
    const { runs, run } = heldRuns();
    const batcher = createBatcher({ run, maxWaitMs: 0, maxItems: 2, maxRuns: 1 });
    const all = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    for (let index = 0; index < 3; index += 1) {
      await turn();
      expect(runs).toHaveLength(index + 1);
      runs[index]!.finish();
    }
    await all;
    expect(runs.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it("hands a failure to everyone in the group, and to nobody else", async () => {
    const { runs, run } = heldRuns();
    const batcher = createBatcher({ run, maxWaitMs: 0, maxItems: 2 });
    const results = Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    await turn();
    runs[0]!.fail(new Error("disk full"));
    runs[1]!.finish();
    expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  it("runs what waits when it is closed, and waits for it", async () => {
    const { runs, run } = heldRuns();
    const batcher = createBatcher({ run, maxWaitMs: 60_000, maxItems: 10 });
    const added = batcher.add(1);
    const closed = batcher.close();
    runs[0]!.finish();
    await closed;
    await added;
    expect(runs.map(({ items }) => items)).toEqual([[1]]);
  });
});
