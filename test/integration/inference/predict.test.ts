import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { setClosedThrough } from "../../../services/platform/store/clock-store.ts";
import { findPrediction } from "../../../services/platform/store/predictions-store.ts";
import { setAlias } from "../../../services/platform/store/registry-store.ts";
import { seedChampion, seedService, seedVector, seedWindows } from "./seed.ts";
import { MINUTE, startTestApi, type TestApi } from "./start-api.ts";

let api: TestApi;
/** a whole minute, two hours ago */
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 120 * MINUTE;
const iso = (ms: number): string => new Date(ms).toISOString();

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

describe("without a model", () => {
  it("answers about a service that nobody knows with the prior, and says so", async () => {
    const { status, json } = await api.post("/predict", { service: "nobody" });
    expect(status).toBe(200);
    expect(json).toMatchObject({ step: "prior", model: { name: "base-rate", version: null, state: "prior" } });
    expect(json.horizons.map((entry: { horizon: string }) => entry.horizon)).toEqual(["5m", "15m", "30m", "1h"]);
    for (const { probability, interval } of json.horizons) {
      expect(probability).toBeGreaterThan(0);
      expect(interval.lower).toBeLessThanOrEqual(probability);
      expect(interval.upper).toBeGreaterThanOrEqual(probability);
    }
    expect(json.notes[0]).toContain("No telemetry has arrived from a service called nobody");
    expect(await findPrediction(api.platform.db, json.id)).toBeNull();
  });

  it("answers about a service with a history as warming, from its own record", async () => {
    const shaky = await seedService(api.platform.db, { name: "shaky" }, T0);
    const calm = await seedService(api.platform.db, { name: "calm" }, T0);
    const flapping = Array.from({ length: 60 }, (_, index) => index % 6 >= 4);
    await seedWindows(api.platform.db, shaky, T0, MINUTE, flapping);
    await seedWindows(api.platform.db, calm, T0, MINUTE, new Array(60).fill(false));
    const first = await api.post("/predict", { service: "shaky" });
    const second = await api.post("/predict", { service: { name: "calm" } });
    expect(first.json.model.state).toBe("warming");
    expect(first.json.explanation.baseRate.service).toEqual({ onsets: 10, windows: 50 });
    expect(first.json.explanation.nearestPast).toHaveLength(5);
    expect(first.json.horizons[0].probability).toBeGreaterThan(second.json.horizons[0].probability);
    const stored = await findPrediction(api.platform.db, first.json.id);
    expect(stored).toMatchObject({ serviceId: shaky, source: "api", modelName: "base-rate", state: "warming" });
  });
});

describe("with a model", () => {
  let serviceId: number;
  beforeAll(async () => {
    const { db, models } = api.platform;
    serviceId = await seedService(db, { name: "checkout", namespace: "shop", environment: "production" }, T0);
    await seedWindows(db, serviceId, T0, MINUTE, [false, true, false, false]);
    await seedVector(db, serviceId, T0 + 2 * MINUTE, 0);
    await seedVector(db, serviceId, T0 + 4 * MINUTE, 0.9);
    await seedChampion(db, { windowSizeMs: MINUTE, atMs: T0, trainedThroughMs: T0 + 3 * MINUTE });
    await models.refresh();
  });

  it("gives the model's probability with an explanation that adds up", async () => {
    const { json } = await api.post("/predict", { service: "checkout", horizons: ["1m", "15m", 3_600_000] });
    expect(json).toMatchObject({
      step: "model",
      service: { namespace: "shop", name: "checkout", environment: "production" },
      model: { name: "failure-predictor", version: "1", state: "ready" },
      failingNow: false,
      asOf: { windowEnd: iso(T0 + 4 * MINUTE), modelTrainedThrough: iso(T0 + 3 * MINUTE), modelSawLater: false },
    });
    // hazard logit -6 + 6 * 0.9 in every bucket; a bucket of one window first
    const hazard = 1 / (1 + Math.exp(0.6));
    expect(json.horizons[0].probability).toBeCloseTo(hazard, 5);
    const probabilities = json.horizons.map((entry: { probability: number }) => entry.probability);
    expect([...probabilities].sort((a: number, b: number) => a - b)).toEqual(probabilities);
    const { attribution, sentence, horizon } = json.explanation;
    expect(horizon).toBe("15m");
    const total = attribution.contributions.reduce((sum: number, entry: { logOdds: number }) => sum + entry.logOdds, 0);
    expect(total).toBeCloseTo(attribution.logOdds - attribution.baseLogOdds, 6);
    expect(attribution.contributions[0]).toMatchObject({ group: "error_level", feature: { expected: 0 } });
    expect(attribution.counterfactual).toMatchObject({
      groups: ["error_level"],
      changes: [{ group: "error_level", feature: { expected: 0 } }],
    });
    // what was seen when the only failure began is not stored, so nothing can be said of how alike it is
    expect(json.explanation.nearestPast).toMatchObject([{ kind: "onset", end: iso(T0 + 2 * MINUTE), likeness: null }]);
    expect(sentence).toContain("error level");
    expect(json.predictedErrorClasses[0].class).toBe("timeout");
    expect(json.recommendedActions.length).toBeGreaterThan(0);
    expect(json.timeWindow).not.toBeNull();
    expect(json.notes.join(" ")).toContain("The newest window of this service ended");
  });

  it("answers a batch in order, and each only as far as it is known", async () => {
    const { json } = await api.post("/predict", {
      requests: [{ service: "checkout", horizons: ["5m"] }, { service: "nobody" }, { service: "calm", explain: true }],
    });
    expect(json.predictions.map((entry: { step: string }) => entry.step)).toEqual(["model", "prior", "prior"]);
    expect(json.predictions[0].explanation).toBeNull();
    expect(json.predictions[2].explanation.sentence).toContain("base rates");
    expect(json.predictions[2].notes[0]).toContain("no feature vector");
  });

  it("gives the same prediction again, written once, until more becomes known, whoever wrote it", async () => {
    const { db } = api.platform;
    const busy = await seedService(db, { name: "busy" }, T0);
    await seedVector(db, busy, T0 + MINUTE, 0);
    const ask = async () => (await api.post("/predict", { service: "busy", horizons: ["1m"] })).json;
    const seen: { id: string }[] = [];
    const isNew = (prediction: { id: string }) => {
      expect(seen.map(({ id }) => id)).not.toContain(prediction.id);
      seen.push(prediction);
    };
    const rows = () => db.selectFrom("predictions").select("id").where("service_id", "=", busy).execute();

    const [first, ...others] = await Promise.all([ask(), ask(), ask()]);
    isNew(first);
    expect([...others, await ask()]).toEqual([first, first, first]);
    expect(await rows()).toEqual([{ id: first.id }]);
    expect(await findPrediction(db, first.id)).toMatchObject({ serviceId: busy, atMs: Date.parse(first.at) });
    const { json: unexplained } = await api.post("/predict", { service: "busy", horizons: ["1m"], explain: false });
    isNew(unexplained);

    await seedVector(db, busy, T0 + 2 * MINUTE, 2);
    await vi.waitFor(async () => expect((await ask()).horizons[0].probability).toBeGreaterThan(0.9));
    isNew(await ask());

    await setClosedThrough(db, T0 + 3 * MINUTE);
    await vi.waitFor(async () => expect(seen.map(({ id }) => id)).not.toContain((await ask()).id));
    const afterClose = await ask();
    isNew(afterClose);

    await api.post("/feedback", { target: { predictionId: afterClose.id }, label: { outcome: "failed" } });
    isNew(await ask());

    await api.post("/incidents", {
      service: "busy",
      start: iso(T0),
      end: iso(T0 + MINUTE),
      title: "the disk was full",
    });
    const afterIncident = await ask();
    isNew(afterIncident);
    expect(afterIncident.explanation.nearestPast).toMatchObject([{ kind: "incident", title: "the disk was full" }]);

    const version = await seedChampion(db, { windowSizeMs: MINUTE, atMs: T0 });
    await api.platform.models.refresh();
    const promoted = await ask();
    isNew(promoted);
    expect(promoted.model.version).toBe(version);
    await setAlias(db, {
      name: "failure-predictor",
      alias: "champion",
      version: "1",
      actor: "t",
      reason: "t",
      atMs: T0,
    });
    await api.platform.models.refresh();
    const rolledBack = await ask();
    isNew(rolledBack);
    expect(rolledBack.model.version).toBe("1");
    expect(new Set((await rows()).map(({ id }) => id))).toEqual(new Set(seen.map(({ id }) => id)));
  });

  it("makes a prediction about a past moment each time that it is asked for", async () => {
    const question = { service: "checkout", at: iso(T0 + 3 * MINUTE) };
    const [first, second] = [await api.post("/predict", question), await api.post("/predict", question)];
    expect(second.json.id).not.toBe(first.json.id);
  });

  it("answers as of a past moment with what was known then, and keeps doing so when more becomes known", async () => {
    const question = { service: "checkout", at: iso(T0 + 3.5 * MINUTE) };
    const before = (await api.post("/predict", question)).json;
    expect(before.asOf).toMatchObject({
      at: iso(T0 + 3.5 * MINUTE),
      windowEnd: iso(T0 + 2 * MINUTE),
      modelSawLater: false,
    });
    expect(before.horizons[0].probability).toBeLessThan(0.05);
    expect(before.explanation.nearestPast).toEqual([
      {
        ...{ start: iso(T0 + MINUTE), end: iso(T0 + 2 * MINUTE), kind: "onset", title: null, class: null },
        ...{ classes: [], comments: [], likeness: null },
      },
    ]);

    const { db } = api.platform;
    await seedVector(db, serviceId, T0 + 5 * MINUTE, 1.5);
    await seedWindows(db, serviceId, T0 + 4 * MINUTE, MINUTE, [false, true]);
    await api.post("/incidents", {
      service: "checkout",
      start: iso(T0),
      end: iso(T0 + MINUTE),
      title: "reported late",
    });
    await seedService(db, { name: "checkout", environment: "staging" }, T0 + 60 * MINUTE);

    const after = (await api.post("/predict", question)).json;
    const apartFromNames = ({ id, madeAt, ...rest }: Record<string, unknown>) => rest;
    expect(apartFromNames(after)).toEqual(apartFromNames(before));

    const later = (await api.post("/predict", { ...question, environment: "production", at: iso(T0 + 2.5 * MINUTE) }))
      .json;
    expect(later.asOf.modelSawLater).toBe(true);
  });

  it("asks which of several services of one name is meant", async () => {
    const { status, json } = await api.post("/predict", { service: "checkout" });
    expect(status).toBe(422);
    expect(json.candidates).toHaveLength(2);
    const named = await api.post("/predict", { service: { name: "checkout", environment: "production" } });
    expect(named.json.service.environment).toBe("production");
  });

  it("counts base rates as of then too", async () => {
    const atMs = T0 + 30 * MINUTE;
    const early = (await api.post("/predict", { service: "shaky", at: atMs })).json;
    expect(early.explanation.baseRate.service).toEqual({ onsets: 5, windows: 25 });
    const none = (await api.post("/predict", { service: "shaky", at: "1970-01-01T00:00:00Z" })).json;
    expect(none.model.state).toBe("prior");
    expect(none.explanation.baseRate.service).toEqual({ onsets: 0, windows: 0 });
  });

  it("refuses the future, horizons beyond the model's span, and horizons between windows", async () => {
    const future = await api.post("/predict", { service: "checkout", at: "2100-01-01T00:00:00Z" });
    expect([future.status, future.json.errors[0].path]).toEqual([422, "body.at"]);
    const far = await api.post("/predict", { service: "shaky", horizons: ["5m", "2h"] });
    expect(far.json.errors).toEqual([{ path: "body.horizons[1]", message: "the longest horizon is 1h" }]);
    const between = await api.post("/predict", { requests: [{ service: "shaky", horizons: ["90s"] }] });
    expect(between.json.errors[0].path).toBe("body.requests[0].horizons[0]");
  });

  it("takes a verdict on the prediction and says how training will count it", async () => {
    const { json } = await api.post("/predict", { service: "shaky", at: T0 + 30 * MINUTE });
    const verdict = await api.post("/feedback", {
      target: { predictionId: json.id },
      label: { outcome: "mitigated", horizon: "5m" },
      operator: "user@example.com",
    });
    expect(verdict.status).toBe(201);
    expect(verdict.json.effect.change).toMatchObject({ kind: "outcome", horizon: "5m", trainingRow: "left_out" });
    const withdrawn = await api.delete(`/feedback/${verdict.json.id}`);
    expect(withdrawn.json.effect).toMatchObject({ trainingRow: "by_rule" });

    await api.post("/feedback", {
      target: { predictionId: json.id },
      label: { outcome: "mitigated", horizon: "5m" },
      operator: "user@example.com",
      comment: "restarted the pool",
    });
    const told = await api.post("/predict", { service: "shaky" });
    const failure = told.json.explanation.nearestPast.find(
      ({ start }: { start: string }) => start === iso(T0 + 34 * MINUTE),
    );
    expect(failure).toMatchObject({ kind: "onset", end: iso(T0 + 36 * MINUTE), comments: ["restarted the pool"] });
    const before = await api.post("/predict", { service: "shaky", at: T0 + 31 * MINUTE });
    expect(JSON.stringify(before.json)).not.toContain("restarted the pool");

    const wrongHorizon = await api.post("/feedback", {
      target: { predictionId: json.id },
      label: { outcome: "failed", horizon: "7m" },
    });
    expect(wrongHorizon.json.errors[0].path).toBe("body.label.horizon");
    const now = await api.post("/predict", { service: "shaky" });
    const tooEarly = await api.post("/feedback", {
      target: { predictionId: now.json.id },
      label: { outcome: "did_not_fail" },
    });
    expect(tooEarly.json.errors[0].path).toBe("body.label.outcome");
    const unknown = await api.post("/feedback", {
      target: { predictionId: randomUUID() },
      label: { outcome: "failed" },
    });
    expect(unknown.status).toBe(404);
  });
});
