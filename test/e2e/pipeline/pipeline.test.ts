/** The whole way in the real program: telemetry of a made-up installation → windows → training → gate → champion → predictions →
 *  what operators say → restart. Event time passes much faster than the clock; the watermark follows event time alone, since the
 *  idle timeout is longer than the test. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { classifyReplySchema } from "../../../services/inference/classify/classify-schemas.ts";
import { feedbackSchema, withdrawalSchema } from "../../../services/inference/feedback/feedback-schemas.ts";
import { aliasChangeSchema, auditSchema } from "../../../services/inference/models/model-schemas.ts";
import { scheduleSchema, schedulesSchema } from "../../../services/inference/training/training-schemas.ts";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { exportWithOfficialSdk } from "../../helpers/otlp-recorder.ts";
import { type Api, createApi, type Prediction, type TrainingJob, until, verdictSchema } from "./api.ts";
import { createWorld, type World } from "./made-up-world.ts";
import { sendTraces } from "./send-traces.ts";

const WINDOW_MS = 60_000;
const SERVICES = ["web", "cart", "payment", "stock", "search", "users", "mail", "billing"];
const HISTORY_WINDOWS = 500;
/** Much more than a live installation needs: two workers merge, and while one is slow the other may be several windows ahead. */
const LATENESS_WINDOWS = 20;
/** The newest event is a little older than its window's end, so one more window stays open. */
const OPEN_WINDOWS = LATENESS_WINDOWS + 1;
const BUILD_UP_WINDOWS = 8;
const ENV = {
  HARBINGER_WINDOW_SIZE: "60s",
  HARBINGER_HORIZONS: "5m,15m,30m",
  HARBINGER_PRIMARY_HORIZON: "5m",
  HARBINGER_ALLOWED_LATENESS: `${LATENESS_WINDOWS}m`,
  HARBINGER_IDLE_TIMEOUT: "1h",
  HARBINGER_CLOSE_INTERVAL: "100ms",
  // versions are counted here, and only those of trainings that are asked for
  HARBINGER_TRAINING_ON_DRIFT: "off",
  HARBINGER_LOG_LEVEL: "warn",
};
const MODEL = "failure-predictor";
const ALIAS_PATH = `/models/${MODEL}/aliases/champion`;

let program: HarbingerProcess;
let api: Api;
let world: World;
/** what training may use */
let throughMs: number;
let calmAtMs: number;
/** two windows before `payment` fails */
let warningAtMs: number;
let sdkAtMs: number;
let firstJob: TrainingJob;
/** the answer about `warningAtMs` before anything later had been sent but what it takes to close its window */
let firstAnswer: Prediction;
let windowsSent = 0;

beforeAll(async () => {
  program = await startHarbinger({ env: ENV });
  api = createApi(program.apiUrl);
  const endMs = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS;
  // Room for what is sent later, all of it in the past.
  const startMs = endMs - (HISTORY_WINDOWS + 200) * WINDOW_MS;
  world = createWorld({ services: SERVICES, startMs, windowSizeMs: WINDOW_MS, seed: 7 });
  await send(HISTORY_WINDOWS);
  throughMs = world.nextStartMs - OPEN_WINDOWS * WINDOW_MS;
  await untilClosedThrough(throughMs);
  firstJob = await api.train({ through: throughMs });

  world.calmDown();
  await send(40);
  calmAtMs = world.nextStartMs;
  world.beginBuildUp("payment", BUILD_UP_WINDOWS);
  await send(BUILD_UP_WINDOWS - 2);
  warningAtMs = world.nextStartMs;
  sdkAtMs = warningAtMs + WINDOW_MS / 2;
  const official = { url: program.otlpUrl, atMs: sdkAtMs };
  await exportWithOfficialSdk({ ...official, encoding: "protobuf", compression: "gzip" });
  await exportWithOfficialSdk({ ...official, encoding: "json", compression: "none" });
  await send(LATENESS_WINDOWS + 2);
  await untilClosedThrough(warningAtMs + WINDOW_MS);
  firstAnswer = await api.predict({ service: "payment", at: warningAtMs });
});

afterAll(() => program?.dispose());

async function send(windows: number): Promise<void> {
  for (let sent = 0; sent < windows; sent += 1) {
    windowsSent += 1;
    await sendTraces(program.otlpUrl, world.nextWindow(), windowsSent % 2 === 0 ? "json" : "protobuf");
  }
}

const untilClosedThrough = (ms: number) =>
  until(`windows are closed through ${new Date(ms).toISOString()}`, async () => {
    const services = (await api.services()).filter(({ name }) => SERVICES.includes(name));
    return services.length === SERVICES.length && services.every(({ windowEnd }) => Date.parse(windowEnd ?? "") >= ms);
  });

const champion = async () => (await api.model(MODEL)).aliases.champion;

const primaryRisk = ({ horizons }: Prediction): number => {
  const primary = horizons.find(({ horizon }) => horizon === "5m");
  if (primary === undefined) throw new Error("the primary horizon is missing");
  return primary.probability;
};

/** What a prediction says, without what tells one asking from another. */
const said = ({ id: _id, madeAt: _madeAt, ...rest }: Prediction) => rest;

describe("the history", () => {
  it("is closed window by window, with the failures that happened in it", async () => {
    const windows = (await Promise.all(SERVICES.map((name) => api.windows(name)))).flat();
    const past = windows.filter(({ end }) => Date.parse(end) <= throughMs);
    expect(past).toHaveLength(SERVICES.length * (HISTORY_WINDOWS - OPEN_WINDOWS));
    expect(past.every(({ closed, requestCount }) => closed && requestCount > 0)).toBe(true);
    expect(past.filter(({ onset }) => onset).length).toBeGreaterThanOrEqual(30);
  });

  it("has what the official exporters sent in both encodings, and counts an error that was reported four times once", async () => {
    const window = (await api.windows("checkout")).find(({ start }) => Date.parse(start) === warningAtMs);
    expect(window).toMatchObject({ requestCount: 4, requestErrorCount: 2, callCount: 2, callErrorCount: 2 });
    expect(window?.classes).toMatchObject({ timeout: 1 });
  });
});

describe("the first training", () => {
  it("passes the gate, says why in writing, and serves", async () => {
    const verdict = verdictSchema.parse(firstJob.verdict);
    expect(verdict, verdict.reason).toMatchObject({ passed: true });
    expect(verdict.rules.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(["enough_data", "accuracy", "majority", "skill", "calibration", "leak"]),
    );
    expect(firstJob).toMatchObject({ state: "promoted", version: "1", error: null, requestedBy: "user@example.com" });

    const model = await api.model(MODEL);
    expect(model).toMatchObject({ serving: { state: "ready", version: "1" }, aliases: { champion: "1" } });
    expect(model.versions).toMatchObject([{ version: "1", status: "passed", verdict: { passed: true } }]);
  });
});

describe("a prediction", () => {
  it("comes from the model and explains itself: the parts add up to the log-odds of the probability", () => {
    expect(firstAnswer).toMatchObject({
      step: "model",
      model: { name: MODEL, version: "1", state: "ready" },
      failingNow: false,
      asOf: { windowEnd: new Date(warningAtMs).toISOString(), modelSawLater: false },
    });
    const attribution = firstAnswer.explanation?.attribution;
    if (attribution == null) throw new Error("the model's answer has no attribution");
    const sum = attribution.contributions.reduce((total, { logOdds }) => total + logOdds, attribution.baseLogOdds);
    expect(sum).toBeCloseTo(attribution.logOdds, 6);
    const risk = primaryRisk(firstAnswer);
    expect(firstAnswer.explanation?.horizon).toBe("5m");
    expect(Math.log(risk / (1 - risk))).toBeCloseTo(attribution.logOdds, 4);
    expect(firstAnswer.recommendedActions.length).toBeGreaterThan(0);
  });

  it("warns before a failure, and neither in calm nor for the services that stay healthy", async () => {
    const risk = primaryRisk(firstAnswer);
    expect(risk).toBeGreaterThan(0.5);
    const calm = [await api.predict({ service: "payment", at: calmAtMs })];
    for (const service of SERVICES.filter((name) => name !== "payment")) {
      calm.push(await api.predict({ service, at: warningAtMs }));
    }
    for (const answer of calm) expect(primaryRisk(answer), answer.service.name).toBeLessThan(risk / 3);
  });

  it("does not sink with a longer horizon", () => {
    const risks = firstAnswer.horizons.map(({ probability }) => probability);
    expect(risks).toHaveLength(3);
    expect(risks).toEqual([...risks].sort((a, b) => a - b));
  });

  it("about a past moment stays the same when later and late data arrive", async () => {
    await send(5);
    const late = createWorld({
      services: ["payment"],
      startMs: warningAtMs - WINDOW_MS,
      windowSizeMs: WINDOW_MS,
      seed: 8,
    });
    await sendTraces(program.otlpUrl, late.nextWindow(), "json");
    await untilClosedThrough(world.nextStartMs - OPEN_WINDOWS * WINDOW_MS);
    const lateWindow = async () => (await api.windows("payment")).find(({ end }) => Date.parse(end) === warningAtMs);
    await until("the late records are merged", async () => (await lateWindow())?.lateCount !== 0);
    expect(await lateWindow()).toMatchObject({ closed: true, failed: false });
    const again = await api.predict({ service: "payment", at: warningAtMs });
    expect(said(again)).toEqual(said(firstAnswer));
  });

  it("is on /metrics as the newest window was scored, by the version that is champion", async () => {
    const lines = (await api.metrics()).split("\n").filter((line) => line.startsWith("harbinger_failure_probability{"));
    for (const service of SERVICES) {
      for (const horizon of ["5m", "15m", "30m"]) {
        const wanted = [`service_name="${service}"`, `harbinger_horizon="${horizon}"`, 'harbinger_model_version="1"'];
        const found = lines.filter((line) => wanted.every((label) => line.includes(label)));
        expect(found, `${service} within ${horizon}`).toHaveLength(1);
        const value = Number(found[0]?.split(" ").at(-1));
        expect(value > 0 && value < 1, found[0]).toBe(true);
      }
    }
  });

  it("can be judged by what became of it", async () => {
    const body = {
      target: { predictionId: firstAnswer.id },
      label: { outcome: "failed" },
      operator: "user@example.com",
    };
    const given = await api.call("/feedback", { method: "POST", status: 201, body, schema: feedbackSchema });
    expect(given).toMatchObject({
      target: { kind: "prediction", id: firstAnswer.id },
      label: { outcome: "failed", horizon: "5m" },
      effect: { change: { kind: "outcome", trainingRow: "positive", predicted: primaryRisk(firstAnswer) } },
    });
    const withdrawn = await api.call(`/feedback/${given.id}`, { method: "DELETE", schema: withdrawalSchema });
    expect(withdrawn.feedback.withdrawnAt).not.toBeNull();
  });
});

describe("a classification", () => {
  it("follows an operator's word at once, and goes back when it is withdrawn", async () => {
    const error = {
      exception: { type: "TimeoutError", message: "upstream did not answer within 1200 ms" },
      resource: { "service.name": "payment" },
    };
    const classify = async () => {
      const request = { method: "POST", body: { errors: [error] }, schema: classifyReplySchema } as const;
      const [answer] = (await api.call("/classify", request)).classifications;
      if (answer === undefined) throw new Error("nothing was classified");
      const { id, ...rest } = answer;
      return { id, rest };
    };
    const before = await classify();
    expect(before.rest).toMatchObject({ class: "timeout", abstained: false, votes: { memory: null } });

    const body = {
      target: { classificationId: before.id },
      label: { class: "dependency_unavailable" },
      operator: "user@example.com",
    };
    const given = await api.call("/feedback", { method: "POST", status: 201, body, schema: feedbackSchema });
    const after = await classify();
    expect(after.rest).toMatchObject({ votes: { memory: { class: "dependency_unavailable" } } });
    expect([after.rest.class, after.rest.probability]).not.toEqual([before.rest.class, before.rest.probability]);
    expect(given.effect.change).toMatchObject({
      kind: "class",
      before: { class: "timeout" },
      after: { class: after.rest.class, probability: after.rest.probability },
    });

    await api.call(`/feedback/${given.id}`, { method: "DELETE", schema: withdrawalSchema });
    const again = (await classify()).rest;
    const { class: verdict, abstained, votes } = before.rest;
    expect(again).toMatchObject({ class: verdict, abstained, votes });
    // The pool's weights keep the small step that the label made them take.
    expect(Math.abs(again.probability - before.rest.probability)).toBeLessThan(0.05);
  });
});

describe("further trainings", () => {
  const trainWhileAsking = async (params: object): Promise<TrainingJob> => {
    const job = await api.train(params, async () => {
      const answer = await api.predict({ service: "payment", at: warningAtMs, explain: false });
      expect(answer).toMatchObject({ step: "model", model: { state: "ready" } });
      expect(await champion()).toBeDefined();
    });
    verdictSchema.parse(job.verdict);
    return job;
  };

  it("on the same data make the same model, which is no worse than the champion; rolling back undoes its promotion", async () => {
    const same = await trainWhileAsking({ through: throughMs });
    expect(same).toMatchObject({ state: "promoted", version: "2" });
    const rules = verdictSchema.parse(same.verdict).rules;
    expect(rules.find(({ rule }) => rule === "champion")).toMatchObject({ passed: true, value: 0 });
    const [second, first] = (await api.model(MODEL)).versions;
    expect(second?.datasetHash).toBe(first?.datasetHash);
    expect(second?.artifactSha256).toBe(first?.artifactSha256);

    const body = { rollback: true, actor: "user@example.com", reason: "trying it" };
    const change = await api.call(ALIAS_PATH, { method: "PUT", body, schema: aliasChangeSchema });
    expect(change).toMatchObject({ alias: "champion", version: "1", previous: "2", changed: true });
    const answer = await api.predict({ service: "payment", at: warningAtMs });
    expect(said(answer)).toEqual(said(firstAnswer));
    const audit = await api.call(`/models/${MODEL}/audit`, { schema: auditSchema });
    expect(audit.items[0]).toMatchObject({ from: "2", to: "1", actor: "user@example.com", reason: "trying it" });
  });

  it("on too little data end with the reason and change nothing", async () => {
    const job = await trainWhileAsking({ through: throughMs - (HISTORY_WINDOWS - 40) * WINDOW_MS });
    expect(job).toMatchObject({ state: "rejected", version: null, error: null });
    expect(verdictSchema.parse(job.verdict).reason).toMatch(/^not enough /);
    expect(await champion()).toBe("1");
  });

  it("with a single epoch move the champion only if the gate lets them", async () => {
    const job = await trainWhileAsking({ through: throughMs, epochs: 1 });
    const { passed } = verdictSchema.parse(job.verdict);
    expect(job).toMatchObject({ state: passed ? "promoted" : "rejected", version: "3" });
    expect(await champion()).toBe(passed ? "3" : "1");
    const body = { version: passed ? "1" : "3", actor: "user@example.com", reason: "trying it" };
    const schema = z.looseObject({});
    await api.call(ALIAS_PATH, { method: "PUT", status: passed ? 200 : 409, body, schema });
    expect(await champion()).toBe("1");
  });
});

describe("a training schedule", () => {
  const path = "/training/schedules/new-year";
  const put = (status: number, cron: string) =>
    api.call(path, { method: "PUT", status, body: { model: MODEL, cron }, schema: scheduleSchema });

  it("is made, replaced, listed and ended", async () => {
    expect(await put(201, "0 3 1 1 *")).toMatchObject({ name: "new-year", cron: "0 3 1 1 *", timezone: "UTC" });
    const replaced = await put(200, "0 4 1 1 *");
    expect(replaced.next).toMatch(/-01-01T04:00:00\.000Z$/);
    expect(await api.call(path, { schema: scheduleSchema })).toEqual(replaced);
    const { items } = await api.call("/training/schedules", { schema: schedulesSchema });
    expect(items).toEqual([replaced]);
    await api.call(path, { method: "DELETE", status: 204, schema: z.undefined() });
    await api.call(path, { status: 404, schema: z.looseObject({ code: z.literal("NOT_FOUND") }) });
  });
});

describe("a restart", () => {
  it("ends with 0 on SIGTERM, and afterwards the champion answers the same from the same windows", async () => {
    const counts = async () =>
      Promise.all(
        [...SERVICES, "checkout"].map(async (name) => {
          const windows = await api.windows(name);
          const requests = windows.reduce((sum, { requestCount }) => sum + requestCount, 0);
          return { name, windows: windows.length, closed: windows.filter(({ closed }) => closed).length, requests };
        }),
      );
    const before = { counts: await counts(), services: await api.services(), model: await api.model(MODEL) };
    expect(await program.stop(), program.output()).toBe(0);

    program = await startHarbinger({ env: ENV, dataDirectory: program.dataDirectory });
    api = createApi(program.apiUrl);
    expect(await api.model(MODEL)).toEqual(before.model);
    expect(said(await api.predict({ service: "payment", at: warningAtMs }))).toEqual(said(firstAnswer));
    // Some rounds of the closer, which must find nothing to close.
    await sleep(1_000);
    expect(await counts()).toEqual(before.counts);
    expect(await api.services()).toEqual(before.services);

    await send(2);
    await untilClosedThrough(world.nextStartMs - OPEN_WINDOWS * WINDOW_MS);
    expect(await api.predict({ service: "payment" })).toMatchObject({ step: "model", model: { version: "1" } });
  });
});
