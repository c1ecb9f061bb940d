import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIncidents } from "../../../services/platform/store/incidents-store.ts";
import { insertPredictions } from "../../../services/platform/store/predictions-store.ts";
import { seedService, seedWindows } from "./seed.ts";
import { MINUTE, startTestApi, type TestApi } from "./start-api.ts";

let api: TestApi;
let checkout: number;
let payment: number;
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
const iso = (ms: number): string => new Date(ms).toISOString();

beforeAll(async () => {
  api = await startTestApi();
  const { db } = api.platform;
  checkout = await seedService(db, { name: "checkout", namespace: "shop" }, T0);
  payment = await seedService(db, { name: "payment", namespace: "shop", environment: "production" }, T0);
  await seedWindows(db, checkout, T0, MINUTE, [false, false, true, true, false]);
  await seedWindows(db, payment, T0, MINUTE, [false, false, false, false, true]);
});
afterAll(() => api?.stop());

describe("incidents", () => {
  it("are stored, found, listed and reach training", async () => {
    const created = await api.post("/incidents", {
      service: "checkout",
      start: iso(T0),
      end: iso(T0 + 5 * MINUTE),
      title: "Checkout down",
      class: "resource_exhausted",
    });
    expect(created.status).toBe(201);
    expect((await api.get(created.headers.get("location") ?? "")).json).toEqual(created.json);
    expect(await readIncidents(api.platform.db, { fromMs: T0 + MINUTE, toMs: T0 + 2 * MINUTE })).toEqual([
      { serviceId: checkout, startMs: T0, endMs: T0 + 5 * MINUTE, class: "resource_exhausted" },
    ]);
    expect(await readIncidents(api.platform.db, { fromMs: T0 + 5 * MINUTE, toMs: T0 + 6 * MINUTE })).toEqual([]);
  });

  it("are ended by posting them again", async () => {
    const open = await api.post("/incidents", {
      service: "payment",
      start: iso(T0),
      title: "Slow",
      externalId: "INC-1",
    });
    expect([open.status, open.json.end]).toEqual([201, null]);
    const ended = await api.post("/incidents", {
      service: "payment",
      start: iso(T0),
      end: iso(T0 + MINUTE),
      title: "Slow",
      externalId: "INC-1",
    });
    expect([ended.status, ended.json.id, ended.json.end]).toEqual([200, open.json.id, iso(T0 + MINUTE)]);
    const repeated = await api.post("/incidents", {
      service: "payment",
      start: iso(T0),
      title: "Slow",
      externalId: "INC-1",
    });
    expect(repeated.json.end).toBe(iso(T0 + MINUTE));
    const elsewhere = await api.post("/incidents", {
      service: "checkout",
      start: iso(T0),
      title: "Slow",
      externalId: "INC-1",
    });
    expect(elsewhere.status).toBe(409);
    expect((await api.get(`/incidents/${open.json.id}`)).json.title).toBe("Slow");
  });

  it("are refused for unknown services, in the future, and backwards in time", async () => {
    expect((await api.post("/incidents", { service: "nobody", start: iso(T0), title: "x" })).status).toBe(404);
    const future = await api.post("/incidents", { service: "checkout", start: "2100-01-01T00:00:00Z", title: "x" });
    expect(future.json.errors[0].path).toBe("body.start");
    const backwards = await api.post("/incidents", {
      service: "checkout",
      start: iso(T0),
      end: iso(T0 - 1),
      title: "x",
    });
    expect(backwards.json.errors[0].path).toBe("body.end");
  });

  it("are paged without gaps or repeats, also when new ones arrive in between", async () => {
    for (let index = 0; index < 7; index++) {
      await api.post("/incidents", {
        service: "checkout",
        start: iso(T0 + (index % 3) * MINUTE),
        title: `paged ${index}`,
      });
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "" : `&cursor=${cursor}`;
      const { json } = await api.get(`/incidents?service=checkout&limit=3${query}`);
      seen.push(...json.items.map((item: { id: string }) => item.id));
      cursor = json.nextCursor;
      await api.post("/incidents", { service: "checkout", start: iso(T0 + 50 * MINUTE), title: "newer than all" });
    } while (cursor !== null);
    expect(seen).toHaveLength(8);
    expect(new Set(seen).size).toBe(8);
  });
});

describe("Alertmanager's webhook", () => {
  const message = (status: "firing" | "resolved", labels: Record<string, string>, fingerprint = "ab12") => ({
    version: "4",
    groupKey: "{}:{alertname='HighErrorRate'}",
    status,
    receiver: "harbinger",
    truncatedAlerts: 0,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://alertmanager:9093",
    alerts: [
      {
        status,
        labels: { alertname: "HighErrorRate", ...labels },
        annotations: { summary: "too many errors" },
        startsAt: iso(T0 + 10 * MINUTE),
        endsAt: status === "resolved" ? iso(T0 + 20 * MINUTE) : "0001-01-01T00:00:00Z",
        generatorURL: "http://prometheus:9090",
        fingerprint,
      },
    ],
  });

  it("makes an incident while it fires and ends it when it resolves", async () => {
    const labels = { job: "shop/payment", environment: "production" };
    const firing = await api.post("/incidents/alertmanager", message("firing", labels));
    expect(firing.json.incidents).toMatchObject([{ fingerprint: "ab12", action: "created" }]);
    const { id } = firing.json.incidents[0];
    expect((await api.get(`/incidents/${id}`)).json).toMatchObject({
      service: { name: "payment" },
      source: "alertmanager",
      title: "too many errors",
      end: null,
    });
    const again = await api.post("/incidents/alertmanager", message("firing", labels));
    expect(again.json.incidents).toEqual([{ fingerprint: "ab12", id, action: "updated" }]);
    await api.post("/incidents/alertmanager", message("resolved", labels));
    expect((await api.get(`/incidents/${id}`)).json.end).toBe(iso(T0 + 20 * MINUTE));
  });

  it("says which alerts it skips, and why", async () => {
    const unknown = await api.post("/incidents/alertmanager", message("firing", { service: "nobody" }, "cd34"));
    expect(unknown.json).toMatchObject({ incidents: [], skipped: [{ fingerprint: "cd34" }] });
    const own = await api.post(
      "/incidents/alertmanager",
      message("firing", { service_name: "payment", harbinger_horizon: "5m" }, "ef56"),
    );
    expect(own.json.skipped[0].reason).toContain("Harbinger's own prediction");
  });

  it("refuses other versions of the message", async () => {
    const other = await api.post("/incidents/alertmanager", { ...message("firing", {}), version: "5" });
    expect([other.status, other.json.errors[0].path]).toEqual([422, "body.version"]);
  });
});

describe("views of services", () => {
  it("list services page by page, with their state and risk", async () => {
    const horizons = [{ horizonMs: 15 * MINUTE, probability: 0.7, lower: 0.5, upper: 0.8 }];
    const row = { atMs: T0 + 5 * MINUTE, madeAtMs: T0, source: "window" as const, modelName: "failure-predictor" };
    await insertPredictions(api.platform.db, [
      {
        ...row,
        id: randomUUID(),
        serviceId: checkout,
        modelVersion: "1",
        state: "ready",
        horizons,
        confidence: 0.7,
        detail: null,
      },
      {
        ...row,
        id: randomUUID(),
        serviceId: payment,
        modelVersion: "1",
        state: "ready",
        horizons: [{ ...horizons[0]!, probability: 0.9, upper: 0.95 }],
        confidence: 0.7,
        detail: null,
      },
    ]);
    const first = await api.get("/services?limit=1");
    expect(first.json.items).toMatchObject([
      { name: "checkout", failing: false, risk: { horizons: [{ probability: 0.7 }] } },
    ]);
    const second = await api.get(`/services?limit=1&cursor=${first.json.nextCursor}`);
    expect(second.json).toMatchObject({ items: [{ name: "payment", failing: true }], nextCursor: null });
    const risky = await api.get("/services?sort=risk");
    expect(risky.json.items.map((item: { name: string }) => item.name)).toEqual(["payment", "checkout"]);
    const metrics = await api.get("/metrics");
    expect(metrics.text).toContain(
      'harbinger_failure_probability{service_namespace="shop",service_name="payment",deployment_environment_name="production",harbinger_horizon="15m",harbinger_model_version="1"} 0.9',
    );
  });

  it("list windows newest first, page by page", async () => {
    const first = await api.get("/services/checkout/windows?limit=3");
    expect(first.json.items.map((item: { start: string }) => item.start)).toEqual(
      [4, 3, 2].map((n) => iso(T0 + n * MINUTE)),
    );
    expect(first.json.items[2]).toMatchObject({ failed: true, onset: true, requestCount: 10, requestErrorCount: 8 });
    const second = await api.get(`/services/checkout/windows?limit=3&cursor=${first.json.nextCursor}`);
    expect(second.json.items).toHaveLength(2);
    expect(second.json.nextCursor).toBeNull();
    const range = await api.get(`/services/checkout/windows?from=${T0 + MINUTE}&to=${iso(T0 + 3 * MINUTE)}`);
    expect(range.json.items).toHaveLength(2);
  });

  it("answer 404 for a service that never reported, and refuse bad queries", async () => {
    expect((await api.get("/services/nobody/windows")).status).toBe(404);
    expect((await api.get("/services/payment/windows?environment=staging")).status).toBe(404);
    expect((await api.get("/services/checkout/errors")).json).toEqual({ items: [], nextCursor: null });
    for (const query of ["limit=0", "limit=many", "cursor=xyz", "color=red", "limit=1&limit=2", "sort=name"]) {
      expect((await api.get(`/services?${query}`)).status).toBe(422);
    }
  });
});
