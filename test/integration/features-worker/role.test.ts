import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFeatures } from "../../../services/features/compose.ts";
import { createRetention } from "../../../services/features/retention.ts";
import { newUuid, systemClock } from "../../../services/platform/clock.ts";
import { sealBatch } from "../../../services/platform/queue/telemetry-job.ts";
import { startPlatform } from "../../../services/platform/runtime/platform.ts";
import type { RunningRole } from "../../../services/platform/runtime/role.ts";
import { readLedger } from "../../../services/platform/store/ledger-store.ts";
import { latestPredictions } from "../../../services/platform/store/predictions-store.ts";
import { startTestPlatform, type TestPlatform } from "../../helpers/platform.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { batch, error, SIZE_MS } from "./worker-fixture.ts";

let running: TestPlatform;
let role: RunningRole;
beforeAll(async () => {
  running = await startTestPlatform({ HARBINGER_ROLES: "features", HARBINGER_WINDOW_SIZE: "60s" });
  role = await startFeatures(running.platform);
});
let stopping: Promise<void> | undefined;
const stopRole = () => {
  stopping ??= role.stop();
  return stopping;
};
afterAll(async () => {
  await stopRole();
  await running.dispose();
});

describe("the features role", () => {
  it("merges what is queued, closes windows, and says the risk as metrics", async () => {
    const { platform } = running;
    const nowMs = systemClock.now();
    for (let index = 5; index >= 0; index--) {
      const atMs = nowMs - index * SIZE_MS;
      const traffic = [
        { service: "web", atMs, requests: 10 },
        { service: "payment", atMs, requests: 8, failures: 1 },
      ];
      await platform.queues.telemetry.add("telemetry", {
        batches: [sealBatch(batch(traffic, { errors: [error("payment", atMs)], receivedAtMs: nowMs }))],
      });
    }
    await until(async () => (await readLedger(platform.db))["records.merged"] === 108);
    await until(async () => (await latestPredictions(platform.db)).length === 2);
    const metrics = await platform.renderMetrics();
    const probability =
      /harbinger_failure_probability\{[^}]*service_name="payment"[^}]*harbinger_horizon="15m"[^}]*\} (\S+)/;
    expect(Number(probability.exec(metrics)?.[1])).toBeGreaterThan(0);
    expect(Number(probability.exec(metrics)?.[1])).toBeLessThan(1);
    expect(metrics).toMatch(/harbinger_ledger_records_total\{[^}]*outcome="merged"[^}]*\} 108\b/);
    expect(metrics).toMatch(/harbinger_model_status\{[^}]*harbinger_model_name="error-classifier"/);
    expect(await role.ready()).toEqual({ ready: true });
    const groups = await platform.db.selectFrom("error_groups").select(["class", "error_count"]).execute();
    expect(groups).toEqual([{ class: "timeout", error_count: 6 }]);
  });

  it("merges jobs together that wait, and says how many", async () => {
    const { platform } = running;
    const nowMs = systemClock.now();
    const before = (await readLedger(platform.db))["records.merged"];
    const jobs = Array.from({ length: 60 }, (_, index) =>
      batch([{ service: "web", atMs: nowMs, requests: 1 }], { receivedAtMs: nowMs, salt: `waits ${index}` }),
    );
    await Promise.all(jobs.map((job) => platform.queues.telemetry.add("telemetry", { batches: [sealBatch(job)] })));
    await until(async () => (await readLedger(platform.db))["records.merged"] === before + jobs.length);
    await until(async () => (await platform.queues.telemetry.depth()).active === 0);
    const metrics = await platform.renderMetrics();
    const metricOf = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, "m").exec(metrics)?.[1]);
    expect(metricOf("harbinger_merge_jobs_sum")).toBe(6 + jobs.length);
    expect(metricOf("harbinger_merge_jobs_count")).toBeLessThan(6 + jobs.length);
    expect(metricOf("harbinger_merge_duration_count")).toBe(6 + jobs.length);
  });

  it("is refused, as every role is, on a database of another window size", async () => {
    const { platform } = running;
    const config = { ...platform.config, windows: { ...platform.config.windows, sizeMs: 1_000 } };
    const other = startPlatform({
      config,
      clock: systemClock,
      newId: newUuid,
      logger: silentLogger,
      serviceVersion: "test",
    });
    await expect(other).rejects.toMatchObject({ code: "INVALID_CONFIG" });
  });

  it("forgets what is older than the retention, and services of which nothing is left", async () => {
    // Nobody must close windows meanwhile.
    await stopRole();
    const { db } = running.platform;
    const sweep = (nowMs: number, retentionMs: number, maxErrorGroupServices = 1_000) =>
      createRetention({
        ...{ db, clock: { now: () => nowMs }, logger: silentLogger, retentionMs, maxErrorGroupServices },
      }).sweep();
    const count = async (table: "windows" | "predictions" | "services" | "error_groups" | "ingested_batches") =>
      Number(
        (
          await db
            .selectFrom(table)
            .select((select) => select.fn.countAll().as("n"))
            .executeTakeFirst()
        )?.n,
      );
    const before = await count("windows");
    expect(await sweep(systemClock.now(), 30 * 86_400_000)).toBe(0);
    expect(await count("windows")).toBe(before);

    // Of the pairs of a group and a service those stay that were seen last.
    const pairs = () => db.selectFrom("error_group_services").select("service_id").orderBy("last_seen_ms").execute();
    const [known] = await db.selectFrom("error_group_services").selectAll().execute();
    const { id: web } = await db
      .selectFrom("services")
      .select("id")
      .where("name", "=", "web")
      .executeTakeFirstOrThrow();
    const older = { ...known!, service_id: web, last_seen_ms: known!.last_seen_ms - 1 };
    await db.insertInto("error_group_services").values(older).execute();
    await sweep(systemClock.now(), 30 * 86_400_000, 2);
    expect(await pairs()).toEqual([{ service_id: web }, { service_id: known!.service_id }]);
    await sweep(systemClock.now(), 30 * 86_400_000, 1);
    expect(await pairs()).toEqual([{ service_id: known!.service_id }]);

    // Event time decides: two minutes before the newest event, whatever the wall clock says.
    await sweep(systemClock.now() + 86_400_000, 2 * SIZE_MS);
    expect(await count("windows")).toBeLessThan(before);
    expect(await count("windows")).toBeGreaterThan(0);
    expect(await count("ingested_batches")).toBe(0);

    await db
      .updateTable("stream_clock")
      .set({ max_event_ms: systemClock.now() + 86_400_000 })
      .execute();
    await db.updateTable("windows").set({ closed: true }).execute();
    await db.updateTable("services").set({ retired: true }).execute();
    await sweep(systemClock.now() + 86_400_000, 2 * SIZE_MS);
    for (const table of ["windows", "predictions", "services", "error_groups"] as const)
      expect(await count(table)).toBe(0);
  });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isTrue()) return;
    await sleep(50);
  }
  throw new Error("it did not happen in time");
}
