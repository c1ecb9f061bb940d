import { describe, expect, it } from "vitest";
import { createMergeTogether, type MergeTogetherOptions } from "../../../services/features/merge/merge-together.ts";
import { HarbingerError } from "../../../services/platform/errors.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const job = (...batches: string[]) => ({ batches });
const CONFLICT = new HarbingerError("CONFLICT", "windows of another size");
const OUTAGE = new HarbingerError("UNAVAILABLE", "the database is out");

/** Merges that end when the test says so. */
function heldMerges(limits: Partial<MergeTogetherOptions> = {}) {
  const merges: { batches: string[]; commit(): void; fail(reason: Error): void }[] = [];
  const mergeTogether = createMergeTogether({
    merge: ({ batches }) =>
      new Promise((resolve, reject) => {
        const commit = () => resolve({ "batches.merged": batches.length });
        merges.push({ batches, commit, fail: reject });
      }),
    ...{ maxJobs: 10, maxBytes: 1_000, maxMerges: 2 },
    ...limits,
  });
  return { mergeTogether, merges };
}

/** Merges that end at once, with what `failures` says of a batch in it. */
function quickMerges(failures: Record<string, Error>) {
  const merges: string[][] = [];
  const mergeTogether = createMergeTogether({
    merge: async ({ batches }) => {
      merges.push([...batches]);
      const failing = batches.find((batch) => failures[batch] !== undefined);
      if (failing !== undefined) throw failures[failing];
      return { "batches.merged": batches.length };
    },
    ...{ maxJobs: 10, maxBytes: 1_000, maxMerges: 2 },
  });
  return { mergeTogether, merges };
}

const contents = (merges: readonly { batches: string[] }[]) => merges.map(({ batches }) => batches);

describe("merging jobs together", () => {
  it("merges a job by itself at once when no merge is going on", async () => {
    const { mergeTogether, merges } = heldMerges();
    for (const name of ["a", "b"]) {
      const merged = mergeTogether(job(name));
      await turn();
      merges.at(-1)!.commit();
      expect(await merged).toEqual({ outcome: { "batches.merged": 1 }, jobCount: 1 });
    }
    expect(contents(merges)).toEqual([["a"], ["b"]]);
  });

  it("merges what comes meanwhile in one transaction, in order, and completes no job before its commit", async () => {
    const { mergeTogether, merges } = heldMerges();
    const completed: string[] = [];
    const start = (name: string, ...batches: string[]) =>
      mergeTogether(job(...batches)).then((merged) => {
        completed.push(name);
        return merged;
      });
    const first = start("first", "a");
    await turn();
    const others = [start("second", "b", "c"), start("third", "d")];
    await turn();
    expect(contents(merges)).toEqual([["a"]]);
    merges[0]!.commit();
    await first;
    await turn();
    expect(contents(merges)).toEqual([["a"], ["b", "c", "d"]]);
    expect(completed).toEqual(["first"]);
    merges[1]!.commit();
    expect(await Promise.all(others)).toEqual([{ outcome: { "batches.merged": 3 }, jobCount: 2 }, null]);
  });

  it("takes no more jobs and bytes into a transaction than it may hold, and begins a second one only when it is full", async () => {
    const { mergeTogether, merges } = heldMerges({ maxJobs: 3, maxBytes: 100 });
    const first = mergeTogether(job("a"));
    await turn();
    const heavy = "h".repeat(100);
    const others = [heavy, "b", "c", "d", "e", "f"].map((batch) => mergeTogether(job(batch)));
    await turn();
    expect(contents(merges)).toEqual([["a"], [heavy]]);
    merges[0]!.commit();
    await first;
    await turn();
    expect(contents(merges).slice(2)).toEqual([["b", "c", "d"]]);
    merges[1]!.commit();
    await turn();
    expect(merges).toHaveLength(3);
    merges[2]!.commit();
    await turn();
    expect(contents(merges).slice(3)).toEqual([["e", "f"]]);
    merges[3]!.commit();
    await Promise.all(others);
  });

  it("merges each job alone when one of them cannot be merged, so that only that one fails", async () => {
    const { mergeTogether, merges } = quickMerges({ bad: CONFLICT });
    const results = await Promise.allSettled(["a", "bad", "b"].map((batch) => mergeTogether(job(batch))));
    expect(merges).toEqual([["a", "bad", "b"], ["a"], ["bad"], ["b"]]);
    const alone = { status: "fulfilled", value: { outcome: { "batches.merged": 1 }, jobCount: 1 } };
    expect(results).toEqual([alone, { status: "rejected", reason: CONFLICT }, alone]);
  });

  it("tries a job that cannot be merged once when it is alone", async () => {
    const { mergeTogether, merges } = quickMerges({ bad: CONFLICT });
    await expect(mergeTogether(job("bad"))).rejects.toBe(CONFLICT);
    expect(merges).toEqual([["bad"]]);
  });

  it("fails all jobs of a transaction at once when the store is out, and merges them when they come again", async () => {
    const failures: Record<string, Error> = { a: OUTAGE };
    const { mergeTogether, merges } = quickMerges(failures);
    const all = () => Promise.allSettled(["a", "b", "c"].map((batch) => mergeTogether(job(batch))));
    const out = { status: "rejected", reason: OUTAGE };
    expect(await all()).toEqual([out, out, out]);
    expect(merges).toHaveLength(1);
    delete failures.a;
    expect((await all()).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect(merges).toHaveLength(2);
  });

  it("asks a store no further that goes out while jobs are merged alone", async () => {
    const { mergeTogether, merges } = quickMerges({ bad: CONFLICT, b: OUTAGE });
    const results = await Promise.allSettled(["bad", "a", "b", "c"].map((batch) => mergeTogether(job(batch))));
    expect(merges).toEqual([["bad", "a", "b", "c"], ["bad"], ["a"], ["b"]]);
    const out = { status: "rejected", reason: OUTAGE };
    expect(results).toMatchObject([{ status: "rejected", reason: CONFLICT }, { status: "fulfilled" }, out, out]);
  });
});
