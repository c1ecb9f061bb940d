import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobWorker } from "../../../services/platform/queue/job-queue.ts";
import type { TrainingJobRequest } from "../../../services/platform/queue/training-job.ts";
import { addToErrorGroups, findErrorGroup } from "../../../services/platform/store/errors-store.ts";
import { readClassLabels } from "../../../services/platform/store/feedback-store.ts";
import { startTestApi, type TestApi } from "./start-api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ HARBINGER_TRAINING_FEEDBACK_TRIGGER: "3" });
});
afterAll(() => api?.stop());

const timeout = { exception: { type: "java.net.SocketTimeoutException", message: "Read timed out" } };
const refused = {
  exception: { type: "Error", message: "connect ECONNREFUSED 10.0.0.7:5432" },
  attributes: { "server.port": 5432 },
};
const odd = { body: "the gizmo of tenant 7 would not wobble", resource: { "service.name": "gizmo" } };

const classify = async (...errors: unknown[]) => (await api.post("/classify", { errors })).json.classifications;

describe("POST /classify", () => {
  it("answers every error in order, with votes and reasons", async () => {
    const [first, second, third] = await classify(timeout, refused, odd);
    expect(first).toMatchObject({ class: "timeout", abstained: false, retryable: true });
    expect(second).toMatchObject({ class: "connectivity" });
    expect(first.votes.rules.class).toBe("timeout");
    expect(first.explanation.sentence.length).toBeGreaterThan(10);
    expect(new Set([first.fingerprint, second.fingerprint, third.fingerprint]).size).toBe(3);
  });

  it("keeps what no database stores out of the stored record", async () => {
    const [answer] = await classify({ exception: { type: "E", message: "a\u0000b \ud800" } });
    expect(answer.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    [{ errors: [] }, "body.errors"],
    [{ errors: [{}] }, "body.errors[0]"],
    [{ errors: [{ body: "x", colour: "red" }] }, "body.errors[0].colour"],
    [{ errors: [{ body: 5 }] }, "body.errors[0].body"],
    [{ errors: new Array(501).fill({ body: "x" }) }, "body.errors"],
  ])("refuses %j at %s", async (body, path) => {
    const { status, json } = await api.post("/classify", body);
    expect([status, json.errors[0].path]).toEqual([422, path]);
  });
});

describe("POST /feedback on an error", () => {
  it("changes the very next answer, and its withdrawal changes it back", async () => {
    const [before] = await classify(timeout);
    const given = await api.post("/feedback", {
      target: { classificationId: before.id },
      label: { class: "dependency_unavailable" },
      operator: "user@example.com",
      comment: "the payment provider was down",
    });
    expect(given.status).toBe(201);
    expect(given.headers.get("location")).toBe(`/feedback/${given.json.id}`);
    const { change } = given.json.effect;
    expect(change.before).toMatchObject({ class: "timeout" });
    expect(change.rules.length).toBeGreaterThan(0);

    const [after] = await classify(timeout);
    expect(after).toMatchObject(change.after);
    expect([after.class, after.probability]).not.toEqual([before.class, before.probability]);
    expect(after.votes.memory.class).toBe("dependency_unavailable");
    expect((await readClassLabels(api.platform.db)).map((label) => label.class)).toContain("dependency_unavailable");

    expect((await api.get(`/feedback/${given.json.id}`)).json).toEqual(given.json);
    const withdrawn = await api.delete(`/feedback/${given.json.id}`);
    expect(withdrawn.json.feedback.withdrawnAt).not.toBeNull();
    const [again] = await classify(timeout);
    expect(again.class).toBe("timeout");
    expect(again.votes.memory).toBeNull();
    expect(await readClassLabels(api.platform.db)).toEqual([]);
    const twice = await api.delete(`/feedback/${given.json.id}`);
    expect([twice.status, twice.json.effect]).toEqual([200, null]);
  });

  it("answers the stored group of that fingerprint anew", async () => {
    const [{ fingerprint, probability }] = await classify(refused);
    const { db } = api.platform;
    const sample = {
      service: { namespace: "", name: "shop", environment: "" },
      timeMs: 1,
      source: "log" as const,
      exceptionType: "Error",
      exceptionMessage: "connect ECONNREFUSED 10.0.0.7:5432",
      attributes: { "server.port": 5432 },
    };
    await addToErrorGroups(db, [
      {
        fingerprint,
        exceptionType: "Error",
        template: "connect ECONNREFUSED <ip>",
        sample,
        class: "connectivity",
        probability,
        abstained: false,
        firstSeenMs: 1,
        lastSeenMs: 2,
        errorCount: 3,
      },
    ]);
    for (const operator of ["user@example.com", "second@example.com"]) {
      await api.post("/feedback", { target: { fingerprint }, label: { class: "configuration" }, operator });
    }
    expect((await findErrorGroup(db, fingerprint))?.class).toBe("configuration");
    const listed = await api.get("/errors");
    expect(listed.json.items[0]).toMatchObject({ fingerprint, class: "configuration" });
  });

  it("gives a repeat under the same key the same answer, also when both come at once, and refuses another request under it", async () => {
    const [{ id }] = await classify({ ...odd, body: "once" });
    const body = { target: { classificationId: id }, label: { class: "crash" } };
    const key = { "idempotency-key": randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => api.post("/feedback", body, key)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    const repeated = await api.post("/feedback", body, key);
    expect(repeated.json).toEqual((await api.get(`/feedback/${repeated.json.id}`)).json);
    const other = await api.post("/feedback", { ...body, label: { class: "timeout" } }, key);
    expect([other.status, other.json.errors[0].path]).toEqual([422, "headers.idempotency-key"]);
  });

  it("knows no feedback on what it never answered", async () => {
    const missing = [
      { target: { classificationId: randomUUID() }, label: { class: "crash" } },
      { target: { fingerprint: "v1-none" }, label: { class: "crash" } },
    ];
    for (const body of missing) expect((await api.post("/feedback", body)).status).toBe(404);
    expect((await api.get(`/feedback/${randomUUID()}`)).status).toBe(404);
    expect((await api.delete(`/feedback/${randomUUID()}`)).status).toBe(404);
    expect((await api.get("/feedback/not-a-uuid")).status).toBe(422);
  });
});

describe("labels of what is gone", () => {
  const forget = async (table: "classifications" | "error_groups") => {
    await api.platform.db.deleteFrom(table).execute();
  };

  it("cannot be given: neither the answer nor the group is known any more", async () => {
    const [{ id, fingerprint }] = await classify({ body: "the parrot left the building" });
    await forget("classifications");
    for (const target of [{ classificationId: id }, { fingerprint }]) {
      const refused = await api.post("/feedback", { target, label: { class: "crash" } });
      expect(refused.status).toBe(404);
    }
  });

  it("go on counting when the answer goes after them, and can be taken back all the same", async () => {
    const parrot = { body: "the parrot came back without its keys" };
    const [{ id }] = await classify(parrot);
    const given = await api.post("/feedback", { target: { classificationId: id }, label: { class: "not_found" } });
    await forget("classifications");
    expect((await classify(parrot))[0].class).toBe("not_found");
    await forget("classifications");
    const withdrawn = await api.delete(`/feedback/${given.json.id}`);
    expect(withdrawn.json.effect.after).toEqual(given.json.effect.change.before);
    expect((await classify(parrot))[0].votes.memory).toBeNull();
  });
});

describe("operators who contradict each other", () => {
  it("cancel out until a third one decides", async () => {
    const error = { exception: { type: "shop.TornError", message: "neither fish nor fowl" } };
    const [{ fingerprint }] = await classify(error);
    const say = async (operator: string, said: string) =>
      (await api.post("/feedback", { target: { fingerprint }, label: { class: said }, operator })).json.effect.change;
    await say("first@example.com", "conflict");
    const torn = await say("second@example.com", "crash");
    expect(torn.memory).toMatchObject({ class: null, operators: 2 });
    expect((await classify(error))[0].votes.memory).toBeNull();
    const decided = await say("third@example.com", "crash");
    expect(decided.memory).toMatchObject({ class: "crash", operators: 2 });
    expect((await classify(error))[0].class).toBe("crash");
  });
});

describe("a label", () => {
  const soup = (table: string) => ({
    exception: { type: "shop.SoupError", message: `the soup of ${table} came back cold and nobody knows why` },
  });

  it("speaks for stored groups that are near, and says how many of them and which way it moved rules and weights", async () => {
    const [labelled, near, far] = await classify(soup("today"), soup("yesterday"), {
      exception: { type: "shop.SoupError", message: "no spoon" },
    });
    const group = (answer: { fingerprint: string }, exceptionMessage: string) => ({
      ...{ fingerprint: answer.fingerprint, exceptionType: "shop.SoupError", template: exceptionMessage },
      sample: {
        service: { namespace: "", name: "shop", environment: "" },
        ...{ timeMs: 1, source: "log" as const, attributes: {}, exceptionType: "shop.SoupError", exceptionMessage },
      },
      ...{ class: "unknown" as const, probability: 0.1, abstained: true, firstSeenMs: 1, lastSeenMs: 2, errorCount: 7 },
    });
    const { db } = api.platform;
    await addToErrorGroups(db, [group(near, soup("yesterday").exception.message)]);
    await addToErrorGroups(db, [group(far, "no spoon")]);
    const given = await api.post("/feedback", {
      target: { classificationId: labelled.id },
      label: { class: "data_integrity" },
      operator: "user@example.com",
    });
    const { change } = given.json.effect;
    expect(change.near).toEqual({ groups: 1, errors: 7, reclassified: 1 });
    expect(change.labelProbability.after).toBeGreaterThan(change.labelProbability.before);
    expect(change.sentence).toContain("data_integrity");
    expect(change.weights.modelVersion).not.toBe("");
    expect((await findErrorGroup(db, near.fingerprint))?.class).toBe("data_integrity");
    expect((await findErrorGroup(db, far.fingerprint))?.class).toBe("unknown");
  });

  it("of an error without words is asked for, not guessed", async () => {
    const [answer] = await classify({ body: "-", resource: { "service.name": "mute" } });
    expect(answer).toMatchObject({ class: "unknown", abstained: true });
    expect(answer.votes.model).toBeNull();
  });
});

describe("GET /classify/drift", () => {
  it("names every sign, and claims none of them from a handful of labels and kinds", async () => {
    const { status, json } = await api.get("/classify/drift");
    expect(status).toBe(200);
    expect(json.signals.map(({ signal }: { signal: string }) => signal)).toEqual([
      "loss",
      "inputs.classes",
      "inputs.words",
      "novelty",
    ]);
    for (const { drifting } of json.signals) expect(drifting).toBe(false);
  });
});

describe("GET /feedback/queue", () => {
  it("offers what has no label yet, the doubtful first, and says why", async () => {
    await classify(odd, odd, odd, timeout);
    const { json } = await api.get("/feedback/queue?limit=5");
    expect(json.items[0].guess.abstained).toBe(true);
    expect(json.items[0].why).toContain("abstains");
    const templates = json.items.map((item: { template: string }) => item.template);
    expect(templates).toContain(odd.body);
    expect(templates).not.toContain("once");
  });
});

describe("enough new labels", () => {
  it("start one training job, and none beside it", async () => {
    const seen: TrainingJobRequest[] = [];
    let worker: JobWorker | undefined;
    const arrived = new Promise<void>((resolve) => {
      worker = api.platform.queues.training.work(
        async ({ payload }) => {
          seen.push(payload);
          resolve();
        },
        { concurrency: 1 },
      );
    });
    const effects = [];
    for (const text of ["a wombat sat on it", "no such gadget", "out of luck", "the moon is full"]) {
      const [{ id }] = await classify({ body: text });
      const given = await api.post("/feedback", { target: { classificationId: id }, label: { class: "code_defect" } });
      effects.push(given.json.effect.retraining);
    }
    await arrived;
    await worker?.close();
    const { json } = await api.get("/training/jobs?model=error-classifier");
    expect(json.items).toHaveLength(1);
    expect(json.items[0]).toMatchObject({ reason: "feedback", requestedBy: "feedback" });
    expect(seen).toEqual([
      { trainingJobId: json.items[0].id, model: "error-classifier", requestedBy: "feedback", reason: "feedback" },
    ]);
    expect(effects.filter((effect) => effect.trainingJobId !== null).length).toBeLessThanOrEqual(1);
  });
});
