import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { retrainWhenCalledFor } from "../../../services/lifecycle/retrain.ts";
import { newUuid } from "../../../services/platform/clock.ts";
import { setClosedThrough } from "../../../services/platform/store/clock-store.ts";
import { writeDriftVerdicts } from "../../../services/platform/store/drift-store.ts";
import { insertFeedback } from "../../../services/platform/store/feedback-store.ts";
import type { FeedbackLabel } from "../../../services/platform/store/judgement-tables.ts";
import { setAlias } from "../../../services/platform/store/registry-store.ts";
import {
  createTrainingJob,
  finishTrainingJob,
  listTrainingJobs,
  startTrainingJob,
} from "../../../services/platform/store/training-jobs-store.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { HORIZON, NAME, registerPredictor, T0 } from "./lifecycle-fixture.ts";

const HOUR = 3_600_000;

let database: TestDatabase;
let nowMs: number;
let queued: Set<string>;
beforeEach(async () => {
  database = await createTestDatabase();
  await setClosedThrough(database.db, T0);
  nowMs = T0;
  queued = new Set();
});
afterEach(() => database.drop());

const deps = (retraining = {}) => ({
  ...{ db: database.db, clock: { now: () => nowMs }, logger: silentLogger, horizon: HORIZON, onStart: () => {} },
  queue: {
    // As the real one: an id that is known changes nothing.
    add: async (_name: string, _payload: unknown, options?: { jobId?: string }) => {
      queued.add(options?.jobId ?? randomUUID());
      return { id: options?.jobId ?? "" };
    },
  },
  retraining: { onDrift: true, coolDownMs: HOUR, feedbackLabels: 3, minNewExamples: 0, ...retraining },
});
const jobs = (model = NAME) => listTrainingJobs(database.db, { model, limit: 10 });

async function label(given: FeedbackLabel): Promise<void> {
  await insertFeedback(database.db, {
    ...{ id: newUuid(), idempotencyKey: null, requestHash: null, fingerprint: null, serviceId: 1, predictionId: null },
    ...{ targetKind: "prediction", targetId: "x", atMs: T0, label: given, record: null, operator: null, comment: null },
    ...{ createdAtMs: nowMs, withdrawnAtMs: null, effect: {} },
  });
}
const outcome: FeedbackLabel = { outcome: "failed", horizonMs: 1 };

async function end(state: "rejected" | "failed"): Promise<void> {
  const [job] = await jobs();
  await startTrainingJob(database.db, job!.id, nowMs);
  const nothing = { version: null, metrics: null, verdict: null, error: null };
  await finishTrainingJob(database.db, job!.id, nowMs, { state, ...nothing });
}

const drift = (drifting: boolean, name = NAME) =>
  writeDriftVerdicts(
    database.db,
    name,
    [{ signal: "inputs.latency", version: "1", drifting, value: 1, threshold: 0.25, detail: {} }],
    nowMs,
  );

describe("retraining", () => {
  it("begins once labels have piled up, as one job whoever notices, and says why", async () => {
    await label(outcome);
    await label(outcome);
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toEqual([]);
    await label(outcome);
    await Promise.all([1, 2, 3].map(() => retrainWhenCalledFor(deps())));
    expect(await jobs()).toMatchObject([
      { state: "queued", reason: "feedback", requestedBy: "feedback", because: "3 new labels, 3 start a job" },
    ]);
    expect(queued.size).toBe(1);
    expect(await jobs("error-classifier")).toEqual([]);
    await label({ class: "timeout" });
    await label({ class: "timeout" });
    await label({ class: "timeout" });
    await retrainWhenCalledFor(deps());
    expect(await jobs("error-classifier")).toMatchObject([{ reason: "feedback" }]);
  });

  it("waits for the job before and the cool-down, and counts labels that a failed job did not use", async () => {
    for (let count = 0; count < 3; count++) await label(outcome);
    nowMs += 1;
    await retrainWhenCalledFor(deps());
    nowMs += 2 * HOUR;
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toHaveLength(1); // it still waits
    await end("failed");
    nowMs = T0 + HOUR / 2;
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toHaveLength(1);
    nowMs = T0 + 2 * HOUR;
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toHaveLength(2);
    await end("rejected");
    nowMs += 2 * HOUR;
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toHaveLength(2);
  });

  it("begins on drift, of either model, unless it is switched off or nothing new is known", async () => {
    await drift(true);
    await retrainWhenCalledFor(deps({ onDrift: false }));
    await retrainWhenCalledFor(deps({ minNewExamples: 1 }));
    expect(await jobs()).toEqual([]);
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toMatchObject([{ reason: "drift", because: "drift: inputs.latency" }]);
    await drift(true, "error-classifier");
    await retrainWhenCalledFor(deps());
    expect(await jobs("error-classifier")).toEqual([]); // no label that it could learn from
    for (let count = 0; count < 5; count++) await label({ class: "timeout" });
    await retrainWhenCalledFor(deps({ feedbackLabels: 0 }));
    expect(await jobs("error-classifier")).toMatchObject([{ reason: "drift" }]);
  });

  it("does not begin when drift has passed, and counts outcomes from the last job on", async () => {
    await drift(true);
    await drift(false);
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toEqual([]);
    await createTrainingJob(database.db, {
      ...{ id: randomUUID(), model: NAME, requestedBy: "user@example.com", reason: "manual", params: {} },
      createdAtMs: nowMs,
    });
    await end("rejected");
    await drift(true);
    await retrainWhenCalledFor(deps({ minNewExamples: 1 }));
    expect(await jobs()).toHaveLength(1);
  });

  it("begins after a champion was taken back", async () => {
    const version = await registerPredictor(database.db, { quiet: 0.1, warned: 0.2 });
    const move = { name: NAME, alias: "champion" as const, actor: "harbinger", reason: "test", atMs: nowMs };
    await setAlias(database.db, { ...move, version });
    await setAlias(database.db, { ...move, version: null, rollbackEvidence: { brierSkill: -1 } });
    await retrainWhenCalledFor(deps());
    expect(await jobs()).toMatchObject([{ reason: "drift", because: `drift: version ${version} was taken back` }]);
  });
});
