import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeDriftVerdicts } from "../../../services/platform/store/drift-store.ts";
import { seedChampion } from "./seed.ts";
import { MINUTE, startTestApi, type TestApi } from "./start-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

describe("training jobs", () => {
  it("are queued, can be followed and carry their parameters", async () => {
    const accepted = await api.post("/training/jobs", {
      model: "failure-predictor",
      requestedBy: "user@example.com",
      params: { horizon: "15m", through: "2026-01-31T12:00:00Z", epochs: 3, seed: 7 },
    });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get("location")).toBe(`/training/jobs/${accepted.json.id}`);
    expect((await api.get(`/training/jobs/${accepted.json.id}`)).json).toMatchObject({
      state: "queued",
      reason: "manual",
      params: { horizonMs: 15 * MINUTE, throughMs: Date.UTC(2026, 0, 31, 12), epochs: 3, seed: 7 },
    });
    expect((await api.platform.queues.training.depth()).waiting).toBe(1);
    expect((await api.get("/training/jobs")).json.items).toHaveLength(1);
    expect((await api.get("/training/jobs?model=error-classifier")).json.items).toEqual([]);
    expect((await api.get(`/training/jobs/${randomUUID()}`)).status).toBe(404);
  });

  it("are refused for models that do not exist", async () => {
    const { status, json } = await api.post("/training/jobs", { model: "tea-maker" });
    expect([status, json.errors[0].path]).toEqual([422, "body.model"]);
  });
});

describe("training schedules", () => {
  it("are put, replaced, listed and deleted", async () => {
    const created = await api.put("/training/schedules/nightly", {
      model: "failure-predictor",
      cron: "0 3 * * *",
      timezone: "Europe/Berlin",
    });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ name: "nightly", cron: "0 3 * * *", every: null, timezone: "Europe/Berlin" });
    expect(Date.parse(created.json.next)).toBeGreaterThan(Date.now());
    const replaced = await api.put("/training/schedules/nightly", { model: "error-classifier", every: "6h" });
    expect([replaced.status, replaced.json.every, replaced.json.cron]).toEqual([200, "6h", null]);
    expect((await api.get("/training/schedules/nightly")).json).toMatchObject({
      model: "error-classifier",
      every: "6h",
    });
    expect((await api.get("/training/schedules")).json.items).toHaveLength(1);
    expect((await api.delete("/training/schedules/nightly")).status).toBe(204);
    expect((await api.delete("/training/schedules/nightly")).status).toBe(404);
    expect((await api.get("/training/schedules/nightly")).status).toBe(404);
  });

  it("are refused when their pattern or name makes no sense", async () => {
    const model = "failure-predictor";
    expect((await api.put("/training/schedules/bad", { model, cron: "99 3 * * *" })).status).toBe(422);
    expect((await api.put("/training/schedules/bad", { model, cron: "0 3 * * *", every: "1h" })).status).toBe(422);
    expect((await api.put("/training/schedules/Bad%20name", { model, every: "1h" })).status).toBe(422);
    expect((await api.get("/training/schedules")).json.items).toEqual([]);
  });
});

describe("models", () => {
  it("show the card of what was shipped while it serves", async () => {
    const { items } = (await api.get("/models")).json;
    const { serving, versions } = items.find((model: { name: string }) => model.name === "error-classifier");
    expect([serving.source, versions]).toEqual(["pretrained", []]);
    const path = `/models/error-classifier/versions/${serving.version}`;
    const { status, json } = await api.get(path);
    expect(status).toBe(200);
    expect(json).toMatchObject({ source: "pretrained", status: "shipped", createdAt: null, verdict: {}, aliases: [] });
    expect(json.card).toMatch(/^# Error classifier/);
    expect(json.manifest).toMatchObject({ artifactSha256: json.artifactSha256 });
    expect((await api.get(`${path}?source=registry`)).status).toBe(404);
    expect((await api.get("/models/error-classifier/versions/no-such")).status).toBe(404);
    expect((await api.get(`/models/__proto__/versions/${serving.version}`)).status).toBe(404);
  });

  it("show what serves, and are promoted and rolled back on record", async () => {
    const { db } = api.platform;
    const seed = (status: "passed" | "rejected") =>
      seedChampion(db, { windowSizeMs: MINUTE, atMs: 1_000, status, alias: false });
    const [first, second, rejected] = [await seed("passed"), await seed("passed"), await seed("rejected")];

    const alias = "/models/failure-predictor/aliases/champion";
    const reasoned = { actor: "user@example.com", reason: "it is better" };
    expect((await api.put(alias, { version: first, ...reasoned })).json).toMatchObject({
      previous: null,
      changed: true,
    });
    expect((await api.put(alias, { version: second, ...reasoned })).json).toMatchObject({ previous: first });
    const serving = async () =>
      (await api.get("/models")).json.items.find((model: { name: string }) => model.name === "failure-predictor");
    expect(await serving()).toMatchObject({ serving: { state: "ready", version: second, source: "registry" } });

    const metrics = (await api.get("/metrics")).text;
    expect(metrics).toMatch(/harbinger_model_status\{[^}]*name="failure-predictor"[^}]*state="ready"[^}]*\} 1\b/);
    const calibration = metrics.match(/^harbinger_model_calibration_error\{.*$/gm);
    expect(calibration).toHaveLength(1); // what was shipped has no verdict
    expect(calibration?.[0]).toMatch(
      new RegExp(`harbinger_model_name="failure-predictor",harbinger_model_version="${second}".*\\} 0\\.021$`),
    );

    const refused = await api.put(alias, { version: rejected, ...reasoned });
    expect([refused.status, refused.json.verdict.passed]).toEqual([409, false]);
    expect((await api.put(alias, { version: "99", ...reasoned })).status).toBe(404);
    expect((await api.put(alias, { version: second })).status).toBe(422);

    const back = await api.put(alias, { rollback: true, actor: "user@example.com", reason: "it was not" });
    expect(back.json).toMatchObject({ version: first, previous: second });
    expect(await serving()).toMatchObject({ serving: { version: first }, aliases: { champion: first } });
    expect((await api.put(alias, { rollback: true, ...reasoned })).status).toBe(409);

    const audit = (await api.get("/models/failure-predictor/audit")).json.items;
    expect(audit.map(({ from, to }: { from: string; to: string }) => [from, to])).toEqual([
      [second, first],
      [first, second],
      [null, first],
    ]);
    const version = await api.get(`/models/failure-predictor/versions/${first}`);
    expect(version.json).toMatchObject({
      source: "registry",
      status: "passed",
      aliases: ["champion"],
      card: "# A model whose answer is obvious",
    });
    expect((await api.get("/models/failure-predictor/versions/99")).status).toBe(404);

    await api.put(alias, { version: null, ...reasoned });
    expect(await serving()).toMatchObject({ serving: { state: "empty", version: null } });
  });

  it("say what they turn out to be worth, what is hidden beside them, and whether they drift", async () => {
    const { db } = api.platform;
    expect((await api.get("/models/failure-predictor/performance")).json).toMatchObject({ version: null, known: null });
    expect((await api.get("/models/failure-predictor/shadow")).json).toEqual({ items: [] });
    expect((await api.get("/models/error-classifier/drift")).json).toEqual({ drifting: false, signals: [] });
    await writeDriftVerdicts(
      db,
      "error-classifier",
      [{ signal: "tokens", version: null, drifting: true, value: 0.4, threshold: 0.25, detail: { top: "oom" } }],
      1_000,
    );
    expect((await api.get("/models/error-classifier/drift")).json).toMatchObject({
      drifting: true,
      signals: [{ signal: "tokens", drifting: true, driftingSince: "1970-01-01T00:00:01.000Z" }],
    });
    expect((await api.get("/models/error-classifier/shadow")).status).toBe(404);
    expect((await api.get("/models/error-classifier/performance")).status).toBe(404);
    expect((await api.get("/models/tea-maker/drift")).status).toBe(404);
  });
});
