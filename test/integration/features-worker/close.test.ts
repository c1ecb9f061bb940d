import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import type { Closer } from "../../../services/features/close/closer.ts";
import { createFoldMemory } from "../../../services/features/close/fold-memory.ts";
import { mergeJob } from "../../../services/features/merge/merge-job.ts";
import { readStreamClock } from "../../../services/platform/store/clock-store.ts";
import { upsertIncident } from "../../../services/platform/store/incidents-store.ts";
import { latestPredictions } from "../../../services/platform/store/predictions-store.ts";
import { findService } from "../../../services/platform/store/services-store.ts";
import { readVectors } from "../../../services/platform/store/vectors-store.ts";
import { readFailureHistory, readWindows } from "../../../services/platform/store/windows-store.ts";
import {
  batch,
  createFixture,
  error,
  type Fixture,
  SIZE_MS,
  service,
  snapshot,
  T0,
  type Traffic,
} from "./worker-fixture.ts";

let fixture: Fixture;
let closer: Closer;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.drop());
beforeEach(async () => {
  await fixture.clear();
  fixture.clock.nowMs = T0;
  Object.assign(fixture.queue, { waiting: 0, active: 0, delayed: 0 });
  fixture.slot.current = { state: "empty" };
  closer = fixture.newCloser();
});

/** Traffic arrives half a second after the newest of its events. */
async function arrive(traffic: readonly Traffic[], options: Parameters<typeof batch>[1] = {}): Promise<void> {
  const one = batch(traffic, options);
  fixture.clock.nowMs = Math.max(fixture.clock.nowMs, one.receivedAtMs);
  await mergeJob({ batches: [one] }, fixture.mergeDeps);
}

async function windowsOf(name: string) {
  const found = await findService(fixture.db, service(name));
  return readWindows(fixture.db, found?.id ?? 0, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 10_000 });
}

const minute = (index: number) => T0 + index * SIZE_MS;

describe("closing windows", () => {
  it("waits for the allowed lateness, then closes in order with states, vectors and predictions", async () => {
    await arrive([{ service: "web", atMs: minute(0) + 1_000, requests: 10 }]);
    await arrive([{ service: "web", atMs: minute(1) + 9_000, requests: 10 }]);
    expect(await closer.tick()).toBe(0);
    await arrive([{ service: "web", atMs: minute(1) + 10_000, requests: 1 }]);
    expect(await closer.tick()).toBe(1);

    expect((await windowsOf("web")).map(({ closed, failed }) => [closed, failed])).toEqual([
      [true, false],
      [false, null],
    ]);
    expect((await readStreamClock(fixture.db)).closedThroughMs).toBe(minute(1));
    const [prediction] = await latestPredictions(fixture.db);
    expect(prediction).toMatchObject({ atMs: minute(1), source: "window", modelName: "base-rate", state: "warming" });
    expect(prediction?.horizons.map((one) => one.horizonMs)).toEqual([5 * SIZE_MS, 15 * SIZE_MS]);
    const vectors = [];
    const range = { fromMs: 0, throughMs: minute(9) };
    for await (const vector of readVectors(fixture.db, FEATURE_SPEC.hash, range)) vectors.push(vector);
    expect(vectors.map(({ atMs, vector }) => [atMs, vector.length])).toEqual([
      [minute(1), FEATURE_SPEC.features.length],
    ]);
  });

  it("labels failures and their onsets, by rule and by incident", async () => {
    const failures = [0, 0, 8, 8, 0, 0, 0];
    for (const [index, failed] of failures.entries()) {
      await arrive([{ service: "web", atMs: minute(index) + 5_000, requests: 10, failures: failed }]);
    }
    const web = await findService(fixture.db, service("web"));
    await upsertIncident(fixture.db, {
      ...{ id: "11111111-1111-4111-8111-111111111111", externalId: null, serviceId: web?.id ?? 0 },
      ...{
        startMs: minute(5) + 1,
        endMs: minute(5) + 2,
        source: "test",
        title: "outage",
        class: null,
        createdAtMs: T0,
      },
    });
    await arrive([{ service: "web", atMs: minute(8), requests: 10 }]);
    await closer.tick();
    const rows = (await windowsOf("web")).filter((window) => window.closed);
    expect(rows.map(({ failed, onset }) => [failed, onset])).toEqual([
      [false, false],
      [false, false],
      [true, true],
      [true, false],
      [false, false],
      [true, true],
      [false, false],
    ]);
    const history = [];
    for await (const row of readFailureHistory(fixture.db, { throughMs: minute(3), windowSizeMs: SIZE_MS }))
      history.push(row);
    expect(history.map((row) => [row.startMs, row.failed, row.requestCount])).toEqual([
      [minute(0), false, 10],
      [minute(1), false, 10],
      [minute(2), true, 10],
    ]);
  });

  it("gives a silent service empty windows while others go on", async () => {
    await arrive([
      { service: "web", atMs: minute(0), requests: 10 },
      { service: "payment", atMs: minute(0), requests: 10 },
    ]);
    for (let index = 1; index <= 5; index++)
      await arrive([{ service: "web", atMs: minute(index) + 20_000, requests: 10 }]);
    await closer.tick();
    const rows = await windowsOf("payment");
    expect(rows.map(({ startMs, failed, stats }) => [startMs, failed, stats.requestCount])).toEqual([
      [minute(0), false, 10],
      ...[1, 2, 3, 4].map((index) => [minute(index), null, 0]),
    ]);
  });

  it("closes by the wall clock when everybody stops, but not while something is queued", async () => {
    await arrive([{ service: "web", atMs: minute(0), requests: 10 }]);
    fixture.clock.nowMs = minute(10);
    fixture.queue.active = 1;
    expect(await closer.tick()).toBe(0);
    fixture.queue.active = 0;
    // ten minutes, less the timeout of two and the lateness
    expect(await closer.tick()).toBe(7);
    expect((await windowsOf("web")).every((window) => window.closed)).toBe(true);
  });

  it("does not close early after a restart with a backlog", async () => {
    await arrive([{ service: "web", atMs: minute(0), requests: 10 }]);
    fixture.clock.nowMs = minute(30);
    const restarted = fixture.newCloser();
    fixture.queue.waiting = 3;
    expect(await restarted.tick()).toBe(0);
    fixture.clock.nowMs = minute(30) + 50_000;
    // The backlog is older than the wait of this process, and is still merged in time.
    await mergeJob(
      { batches: [batch([{ service: "web", atMs: minute(0) + 40_000, requests: 5 }])] },
      fixture.mergeDeps,
    );
    await mergeJob({ batches: [batch([{ service: "web", atMs: minute(3), requests: 5 }])] }, fixture.mergeDeps);
    expect(await restarted.tick()).toBe(0);
    fixture.queue.waiting = 0;
    expect(await restarted.tick()).toBe(2);
    const [first] = await windowsOf("web");
    expect(first).toMatchObject({ lateCount: 0, stats: { requestCount: 15 } });
  });

  it("says nothing about services in a time when nobody listened", async () => {
    await arrive([{ service: "web", atMs: minute(0), requests: 10 }]);
    await closer.tick();
    fixture.clock.nowMs = minute(600);
    const restarted = fixture.newCloser();
    await restarted.tick();
    await arrive([{ service: "web", atMs: minute(600) + 10_000, requests: 10 }]);
    await arrive([{ service: "web", atMs: minute(602) + 15_000, requests: 10 }]);
    await restarted.tick();
    expect((await windowsOf("web")).map(({ startMs, stats }) => [startMs, stats.requestCount])).toEqual([
      [minute(0), 10],
      [minute(600), 10],
      [minute(601), 0],
      [minute(602), 10],
    ]);
  });

  it("is not hurried by a sender whose clock runs ahead", async () => {
    await arrive([{ service: "web", atMs: minute(0) + 1_000, requests: 10 }]);
    await arrive([{ service: "fast", atMs: minute(9), requests: 10 }], { receivedAtMs: minute(0) + 5_000 });
    expect(await closer.tick()).toBe(0);
    await arrive([{ service: "web", atMs: minute(0) + 50_000, requests: 10 }]);
    await arrive([{ service: "web", atMs: minute(1) + 20_000, requests: 10 }]);
    expect(await closer.tick()).toBe(1);
    const [first] = await windowsOf("web");
    expect(first).toMatchObject({ lateCount: 0, closed: true, stats: { requestCount: 20 } });
    expect((await windowsOf("fast")).map((window) => window.closed)).toEqual([false]);
  });

  it("counts what comes late, and leaves the label as it was known", async () => {
    await arrive([{ service: "web", atMs: minute(0), requests: 10 }]);
    await arrive([{ service: "web", atMs: minute(2), requests: 10 }]);
    await closer.tick();
    await arrive([{ service: "web", atMs: minute(0) + 1, requests: 30, failures: 30 }], { receivedAtMs: minute(3) });
    await arrive([{ service: "new", atMs: minute(0) + 1, requests: 3 }], { receivedAtMs: minute(3) });
    await closer.tick();
    const [first] = await windowsOf("web");
    expect(first).toMatchObject({ failed: false, onset: false, lateCount: 30, stats: { requestCount: 40 } });
    expect((await windowsOf("new"))[0]).toMatchObject({ closed: true, failed: null, lateCount: 3 });
  });

  it("retires a service that is silent for long, and wakes it when it speaks", async () => {
    closer = fixture.newCloser({ serviceRetireAfterMs: 3 * SIZE_MS });
    await arrive([
      { service: "web", atMs: minute(0), requests: 1 },
      { service: "job", atMs: minute(0), requests: 1 },
    ]);
    for (let index = 1; index <= 10; index++) {
      await arrive([{ service: "web", atMs: minute(index), requests: 1 }]);
      await closer.tick();
    }
    expect(await findService(fixture.db, service("job"))).toMatchObject({ retired: true });
    expect(await windowsOf("job")).toHaveLength(4);
    await arrive([{ service: "job", atMs: minute(10), requests: 1 }]);
    await arrive([{ service: "web", atMs: minute(12), requests: 1 }]);
    await closer.tick();
    expect(await findService(fixture.db, service("job"))).toMatchObject({ retired: false });
  });

  it("jumps over the time between two streams in which nobody was active", async () => {
    closer = fixture.newCloser({ serviceRetireAfterMs: 3 * SIZE_MS });
    await arrive([{ service: "web", atMs: minute(0), requests: 1 }]);
    await arrive([{ service: "web", atMs: minute(1_000_000), requests: 1 }]);
    await arrive([{ service: "web", atMs: minute(1_000_002), requests: 1 }]);
    expect(await closer.tick()).toBeLessThan(10);
    expect((await readStreamClock(fixture.db)).closedThroughMs).toBe(minute(1_000_001));
  });
});

/** A day of a fleet in which one service fails, with errors, calls and silence. */
function story() {
  return Array.from({ length: 40 }, (_, index) => {
    const failing = index >= 20 && index < 24;
    const traffic: Traffic[] = [
      {
        service: "web",
        atMs: minute(index) + 7_000,
        requests: 10 + (index % 3),
        calls: { callee: "payment", count: 5, errors: failing ? 4 : 0 },
      },
    ];
    if (index < 30)
      traffic.push({ service: "payment", atMs: minute(index) + 8_000, requests: 6, failures: failing ? 6 : 0 });
    const errors = failing
      ? [error("payment", minute(index) + 8_500, { exceptionMessage: `Read timed out at ${index % 2}` })]
      : [];
    return batch(traffic, { errors });
  });
}

describe("the tables after a story", () => {
  it("are the same whether it was closed live, in a replay, or with a crash in every window", async () => {
    const results: unknown[] = [];
    const live = async () => {
      for (const one of story()) {
        fixture.clock.nowMs = one.receivedAtMs;
        await mergeJob({ batches: [one] }, fixture.mergeDeps);
        await closer.tick();
      }
    };
    const replay = async () => {
      fixture.clock.nowMs = minute(50_000);
      closer = fixture.newCloser();
      for (const one of story()) {
        const replayed = { ...one, receivedAtMs: fixture.clock.nowMs };
        await mergeJob({ batches: [replayed] }, fixture.mergeDeps);
      }
      await closer.tick();
    };
    const crashing = async () => {
      fixture.clock.nowMs = T0;
      for (const one of story()) {
        fixture.clock.nowMs = one.receivedAtMs;
        await mergeJob({ batches: [one] }, fixture.mergeDeps);
        await fixture.newCloser().tick();
      }
    };
    for (const run of [live, replay, crashing]) {
      await fixture.clear();
      await run();
      const { services: _services, ...tables } = (await snapshot(fixture.db)) as Record<string, unknown>;
      results.push(tables);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect((await windowsOf("payment")).filter((window) => window.onset)).toHaveLength(1);
  });

  it("are the same when states are written in turn, and the process ends between two writings", async () => {
    const results: Record<string, unknown>[] = [];
    let behindCount = 0;
    for (const everyWindows of [1, 4]) {
      await fixture.clear();
      for (const [index, one] of story().entries()) {
        fixture.clock.nowMs = one.receivedAtMs;
        if (index % 6 === 0)
          closer = fixture.newCloser({ memory: createFoldMemory({ alwaysUpTo: 0, everyWindows }), settleMs: 0 });
        await mergeJob({ batches: [one] }, fixture.mergeDeps);
        await closer.tick();
        const { closedThroughMs } = await readStreamClock(fixture.db);
        const states = await fixture.db.selectFrom("feature_states").select("at_ms").execute();
        behindCount += states.filter(({ at_ms }) => at_ms < (closedThroughMs ?? 0)).length;
      }
      if (everyWindows === 1) expect(behindCount).toBe(0);
      const {
        services: _services,
        states: _states,
        ...tables
      } = (await snapshot(fixture.db)) as Record<string, unknown>;
      results.push(tables);
    }
    expect(behindCount).toBeGreaterThan(20);
    expect(results[1]).toEqual(results[0]);
  });

  it("are folded again to the same vectors when the features have changed", async () => {
    for (const one of story()) await mergeJob({ batches: [one] }, fixture.mergeDeps);
    fixture.clock.nowMs = minute(41);
    await closer.tick();
    const before = (await snapshot(fixture.db)) as Record<string, unknown>;
    await fixture.db.updateTable("feature_states").set({ spec_hash: "older", state: "{}" }).execute();
    await fixture.db
      .updateTable("feature_vectors")
      .set({ spec_hash: "older", vector: Buffer.alloc(4) })
      .execute();
    await fixture.newCloser().tick();
    const after = (await snapshot(fixture.db)) as Record<string, unknown>;
    expect(after.vectors).toEqual(before.vectors);
    expect(after.states).toEqual(before.states);
  });
});
