import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../helpers/cluster.ts";
import { startTestApi, type TestApi } from "./start-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

it("shows jobs that were given up, and puts them back when an operator says so", async () => {
  let isBroken = true;
  const merged: number[] = [];
  const { telemetry } = api.platform.queues;
  const worker = telemetry.work(
    async ({ payload }) => {
      if (isBroken) throw new TypeError("cannot be merged");
      merged.push(payload.batches.length);
    },
    { concurrency: 1 },
  );
  expect((await api.get("/queues/telemetry/dead-letters")).json).toEqual({ total: 0, items: [] });
  const { id } = await telemetry.add("telemetry", { batches: ["sealed"] });
  await telemetry.add("telemetry", { batches: ["sealed", "too"] });
  await eventually(
    () => telemetry.depth(),
    ({ failed }) => failed === 2,
    { what: "two failed jobs" },
  );
  const { json } = await api.get("/queues/telemetry/dead-letters?limit=1&skip=1");
  expect(json).toMatchObject({ total: 2, items: [{ id, attempts: 1, reason: "BUG: cannot be merged" }] });

  isBroken = false;
  expect((await api.post("/queues/telemetry/dead-letters/retry", { ids: [id] })).json).toEqual({ retriedCount: 1 });
  await eventually(
    () => merged.length,
    (count) => count === 1,
  );
  expect((await api.post("/queues/telemetry/dead-letters/retry", {})).json).toEqual({ retriedCount: 1 });
  await eventually(
    () => merged.length,
    (count) => count === 2,
  );
  expect(merged).toEqual([1, 2]);
  await worker.close();
});

it("knows its two queues, and bounds what is asked for", async () => {
  expect((await api.get("/queues/mail/dead-letters")).status).toBe(422);
  expect((await api.get("/queues/training/dead-letters?limit=101")).status).toBe(422);
  expect((await api.post("/queues/training/dead-letters/retry", { ids: [] })).status).toBe(422);
});
