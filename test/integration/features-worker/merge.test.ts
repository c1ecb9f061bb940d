import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_NAME_BOUNDS } from "../../../models/windows/bounded-map.ts";
import { mergeJob } from "../../../services/features/merge/merge-job.ts";
import { readErrorGroups } from "../../../services/platform/store/errors-store.ts";
import { readLedger } from "../../../services/platform/store/ledger-store.ts";
import { pinWindowSize } from "../../../services/platform/store/meta-store.ts";
import { findService, OTHER_SERVICE } from "../../../services/platform/store/services-store.ts";
import { readWindows } from "../../../services/platform/store/windows-store.ts";
import { batch, createFixture, error, type Fixture, SIZE_MS, service, snapshot, T0 } from "./worker-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

const merge = (...batches: ReturnType<typeof batch>[]) => mergeJob({ batches }, fixture.mergeDeps);

async function windowsOf(name: string) {
  const found = await findService(fixture.db, service(name));
  if (found === null) return [];
  return readWindows(fixture.db, found.id, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1_000 });
}

describe("merging a job", () => {
  it("adds its records to the windows of its services", async () => {
    await merge(
      batch([
        { service: "web", atMs: T0 + 1_000, requests: 10, failures: 2 },
        { service: "web", atMs: T0 + SIZE_MS, requests: 3 },
      ]),
    );
    await merge(batch([{ service: "web", atMs: T0 + 2_000, requests: 5, failures: 1 }]));

    const windows = await windowsOf("web");
    expect(windows.map(({ startMs, stats }) => [startMs, stats.requestCount, stats.requestErrorCount])).toEqual([
      [T0, 15, 3],
      [T0 + SIZE_MS, 3, 0],
    ]);
    expect(windows.every((window) => !window.closed && window.failed === null)).toBe(true);
  });

  it("counts a batch once, however often it comes", async () => {
    const same = batch([{ service: "web", atMs: T0, requests: 7 }], { errors: [error("web", T0)] });
    expect(await merge(same, same)).toMatchObject({ "records.merged": 7, "records.duplicate": 7 });
    const before = await snapshot(fixture.db);
    expect(await merge(same)).toMatchObject({ "records.duplicate": 7, "batches.merged": 0 });
    const { ledger: _before, ...tables } = before as Record<string, unknown>;
    const { ledger: _after, ...after } = (await snapshot(fixture.db)) as Record<string, unknown>;
    expect(after).toEqual(tables);
    expect((await windowsOf("web"))[0]?.stats).toMatchObject({ requestCount: 7, errorCount: 1 });
  });

  it("counts a batch once when many workers merge it at the same moment", async () => {
    const batches = Array.from({ length: 12 }, (_, index) =>
      batch([{ service: "web", atMs: T0 + index, requests: index + 1 }], { errors: [error("web", T0 + index)] }),
    );
    const jobs = batches.flatMap((one, index) => [[one], [one, batches[(index + 5) % 12]!], [one]]);
    await Promise.all(jobs.map((job) => merge(...job)));
    expect((await windowsOf("web"))[0]?.stats).toMatchObject({ requestCount: 78, errorCount: 12 });
    const ledger = await readLedger(fixture.db);
    expect(ledger["records.merged"]).toBe(78);
    expect(ledger["records.received"]).toBe(
      ledger["records.merged"] + ledger["records.rejected"] + ledger["records.duplicate"],
    );
  });

  it("gives the same tables for any order of the batches, and any worker", async () => {
    const names = ["web", "checkout", "payment"];
    const batches = Array.from({ length: 24 }, (_, index) => {
      const name = names[index % 3]!;
      const atMs = T0 + ((index * 37) % 5) * 25_000;
      return batch(
        [
          { service: name, atMs, requests: index, failures: index % 4 },
          { service: "gateway", atMs, calls: { callee: name, count: 3, errors: 1 } },
        ],
        { errors: [error(name, atMs, { exceptionMessage: `Read timed out after ${index % 2} tries` })] },
      );
    });
    const results: unknown[] = [];
    for (const order of [batches, [...batches].reverse(), batches.map((_, index) => batches[(index * 7) % 24]!)]) {
      await fixture.clear();
      const half = order.length / 2;
      const worker = async (mine: typeof batches) => {
        for (const one of mine) await merge(one);
      };
      await Promise.all([worker(order.slice(0, half)), worker(order.slice(half))]);
      results.push(await snapshot(fixture.db));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("counts an error once that comes as span event and as log record", async () => {
    const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
    const reported = error("web", T0, ids);
    await merge(batch([], { errors: [reported] }));
    const outcome = await merge(
      batch([], { errors: [{ ...reported, source: "log", timeMs: T0 + 3 }, error("web", T0), error("web", T0)] }),
    );
    expect(outcome).toMatchObject({ "errors.counted": 2, "errors.repeated": 1 });
    expect((await windowsOf("web"))[0]?.stats).toMatchObject({ errorCount: 3, classes: { timeout: 3 } });
    const [group] = await readErrorGroups(fixture.db, null, { limit: 10 });
    expect(group).toMatchObject({ class: "timeout", errorCount: 3, firstSeenMs: T0, lastSeenMs: T0 });
  });

  it("still counts errors when they cannot be classified", async () => {
    let groups = 0;
    const broken = {
      ...fixture.mergeDeps,
      classifier: { judge: () => Promise.reject(new Error("no model")) },
      onFallback: (count: number) => {
        groups += count;
      },
    };
    await mergeJob({ batches: [batch([], { errors: [error("web", T0), error("web", T0)] })] }, broken);
    expect((await windowsOf("web"))[0]?.stats).toMatchObject({ errorCount: 2, classes: { unknown: 2 } });
    expect(groups).toBe(1);
  });

  it("counts services beyond the limit together", async () => {
    const few = { ...fixture.mergeDeps, maxServices: 3 };
    const traffic = Array.from({ length: 50 }, (_, index) => ({ service: `s-${index}`, atMs: T0, requests: 2 }));
    const outcome = await mergeJob({ batches: [batch(traffic)] }, few);
    await mergeJob({ batches: [batch([{ service: "late-comer", atMs: T0, requests: 5 }])] }, few);
    await mergeJob({ batches: [batch([{ service: "s-0", atMs: T0, requests: 1 }])] }, few);
    expect(outcome["records.other_services"]).toBe(94);
    const other = await findService(fixture.db, OTHER_SERVICE);
    const rows = await readWindows(fixture.db, other?.id ?? 0, { fromMs: T0, toMs: T0 + 1, limit: 1 });
    expect(rows[0]?.stats.requestCount).toBe(99);
    expect((await windowsOf("s-0"))[0]?.stats.requestCount).toBe(3);
    expect(await fixture.db.selectFrom("services").select("id").execute()).toHaveLength(4);
  });

  it("counts what a receiver already folded into _OTHER with the services beyond the limit", async () => {
    const few = { ...fixture.mergeDeps, maxServices: 3 };
    const traffic = Array.from({ length: 6 }, (_, index) => ({ service: `s-${index}`, atMs: T0, requests: 2 }));
    const crowded = batch([...traffic, { service: "folded", atMs: T0, requests: 7 }]);
    const folded = crowded.windows.at(-1)!;
    const outcome = await mergeJob(
      { batches: [{ ...crowded, windows: [...crowded.windows.slice(0, -1), { ...folded, service: OTHER_SERVICE }] }] },
      few,
    );
    expect(outcome).toMatchObject({ "records.merged": 19, "records.other_services": 13 });
    const other = await findService(fixture.db, OTHER_SERVICE);
    const rows = await readWindows(fixture.db, other?.id ?? 0, { fromMs: T0, toMs: T0 + 1, limit: 1 });
    expect(rows[0]?.stats.requestCount).toBe(13);
    expect(await fixture.db.selectFrom("services").select("id").execute()).toHaveLength(4);
  });

  it("counts errors of groups beyond the limit together, and forgets no class", async () => {
    const few = { ...fixture.mergeDeps, maxErrorGroups: 3 };
    const words = ["apple", "berry", "cherry", "date", "elder", "fig"];
    const flood = (kinds: readonly string[], atMs: number) =>
      batch([], {
        errors: kinds.map((kind) => error("web", atMs, { exceptionMessage: `Read timed out for ${kind}` })),
      });
    const outcome = await mergeJob({ batches: [flood(words, T0)] }, few);
    expect(outcome).toMatchObject({ "errors.counted": 6, "errors.other_groups": 3 });
    // What has a group keeps it, what has none finds no room later either.
    await mergeJob({ batches: [flood(words, T0 + 1)] }, few);
    const groups = await readErrorGroups(fixture.db, null, { limit: 10 });
    expect(groups.map(({ fingerprint, errorCount }) => [fingerprint === "_OTHER", errorCount]).sort()).toEqual([
      [false, 2],
      [false, 2],
      [false, 2],
      [true, 6],
    ]);
    expect(groups.find(({ fingerprint }) => fingerprint === "_OTHER")).toMatchObject({
      class: "unknown",
      abstained: true,
    });
    const [window] = await windowsOf("web");
    expect(window?.stats).toMatchObject({ errorCount: 12, classes: { timeout: 12 }, fingerprints: { _OTHER: 6 } });
    expect((await readLedger(fixture.db))["errors.other_groups"]).toBe(6);
  });

  it("counts what a window has no room for under _OTHER, once, also in the ledger", async () => {
    const few = { ...fixture.mergeDeps, nameBounds: { ...DEFAULT_NAME_BOUNDS, callees: 2 } };
    const calling = (callee: string) => ({
      ...{ service: "web", atMs: T0, requests: 1 },
      calls: { callee, count: 3, errors: 1 },
    });
    const outcome = await mergeJob({ batches: ["a", "b", "c"].map((callee) => batch([calling(callee)])) }, few);
    expect(outcome).toMatchObject({ "other.callees": 3 });
    // "b" makes room for a name that comes before it
    expect(await mergeJob({ batches: [batch([calling("aa")])] }, few)).toMatchObject({ "other.callees": 3 });
    const [window] = await windowsOf("web");
    expect(Object.keys(window?.stats.callees ?? {})).toEqual(["a", "aa", "_OTHER"]);
    expect(window?.stats.callees._OTHER).toMatchObject({ callCount: 6, errorCount: 2 });
    expect((await readLedger(fixture.db))["other.callees"]).toBe(6);
  });

  it("gives a group the class of its newest event, in whatever order events come", async () => {
    const said = ["unknown", "not_found", "conflict", "timeout"] as const;
    const results: unknown[] = [];
    for (const order of [
      [1, 2, 3],
      [3, 1, 2],
      [2, 3, 1],
    ] as const) {
      await fixture.clear();
      for (const ms of order) {
        const judge = async () => [{ class: said[ms], probability: 0.5, abstained: false }];
        await mergeJob(
          { batches: [batch([], { errors: [error("web", T0 + ms)] })] },
          { ...fixture.mergeDeps, classifier: { judge } },
        );
      }
      results.push((await readErrorGroups(fixture.db, null, { limit: 2 })).map(({ sample: _, ...group }) => group));
    }
    expect(results[0]).toMatchObject([{ class: "timeout", errorCount: 3, firstSeenMs: T0 + 1, lastSeenMs: T0 + 3 }]);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("keeps a batch of other windows for the operator, and adds finer ones up", async () => {
    const [fine] = [batch([{ service: "web", atMs: T0 + 59_000, requests: 4 }])];
    const delta = { ...fine.windows[0]!, startMs: T0 + 59_000 };
    await merge({ ...fine, windowSizeMs: 1_000, windows: [delta] });
    expect((await windowsOf("web"))[0]).toMatchObject({ startMs: T0, stats: { requestCount: 4 } });
    const coarse = { ...batch([{ service: "web", atMs: T0, requests: 1 }]), windowSizeMs: 120_000 };
    await expect(merge(coarse)).rejects.toMatchObject({ code: "CONFLICT", retryable: false });
  });

  it("survives names that only look like properties of an object", async () => {
    await merge(
      batch([{ service: "__proto__", atMs: T0, requests: 1, calls: { callee: "constructor", count: 2, errors: 0 } }]),
    );
    expect((await windowsOf("__proto__"))[0]?.stats).toMatchObject({
      callees: { constructor: { callCount: 2, errorCount: 0 } },
    });
  });
});

describe("a database", () => {
  it("is held to the window size that it was first started with", async () => {
    await pinWindowSize(fixture.db, SIZE_MS);
    await pinWindowSize(fixture.db, SIZE_MS);
    await expect(pinWindowSize(fixture.db, 1_000)).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });
});
