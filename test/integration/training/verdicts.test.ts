/** Pasts that tempt a training to make a bad model, through the whole pipeline with the gate's own limits. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { systemClock } from "../../../services/platform/clock.ts";
import { readAlias, readVersion } from "../../../services/platform/store/registry-store.ts";
import type { TrainingOutcome } from "../../../services/platform/store/training-jobs-store.ts";
import { buildCandidate } from "../../../training/build-candidate.ts";
import type { ServiceHistory, StoreHistory } from "../../../training/dataset/history.ts";
import type { GateRuleName, GateVerdict } from "../../../training/gate/gate.ts";
import { runPipeline } from "../../../training/pipeline.ts";
import { createRandom } from "../../../training/random.ts";
import type { TrainingSettings } from "../../../training/settings.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { storeHistory } from "../../helpers/store-history.ts";
import { syntheticHistory } from "../../helpers/synthetic-history.ts";

const NAME = "failure-predictor";
const HORIZON_MS = 15_000;
const SETTINGS: TrainingSettings = {
  model: NAME,
  windowSizeMs: 1000,
  horizonMs: HORIZON_MS,
  horizonsMs: [HORIZON_MS],
  throughMs: Number.MAX_SAFE_INTEGER,
  seed: 1,
  epochs: 12,
  ensembleSize: 2,
  minExamples: 200,
  gate: { minAccuracy: 0.85, maxCalibrationError: 0.05 },
  promotesTo: "champion",
  requestedBy: "user@example.com",
};
/** One of those that pass when nothing is done to them. */
const SEED = 15;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function train(history: StoreHistory): Promise<TrainingOutcome> {
  const { db } = database;
  await storeHistory(db, history);
  const build: Parameters<typeof runPipeline>[0]["build"] = (...given) => buildCandidate(db, ...given);
  return runPipeline({ db, clock: systemClock, build }, SETTINGS, async () => {});
}

const fleet = (given: Partial<Parameters<typeof syntheticHistory>[0]> = {}) =>
  syntheticHistory({ services: 8, windows: 280, windowSizeMs: 1000, seed: SEED, ...given });

type Vector = ServiceHistory["vectors"][number];

function withVectors(
  history: StoreHistory,
  change: (vector: Float32Array, at: { service: ServiceHistory; atMs: number }) => Float32Array,
): StoreHistory {
  const services = history.services.map((service) => ({
    ...service,
    vectors: service.vectors.map(({ atMs, vector }): Vector => ({ atMs, vector: change(vector, { service, atMs }) })),
  }));
  return { ...history, services };
}

function withFailures(
  history: StoreHistory,
  change: (failed: boolean, at: { service: ServiceHistory; index: number }) => boolean,
): StoreHistory {
  const services = history.services.map((service) => ({
    ...service,
    windows: service.windows.map(({ startMs, failed }, index) => ({
      startMs,
      failed: change(failed === true, { service, index }),
    })),
    onsetClasses: new Map(),
  }));
  return { ...history, services };
}

/** Numbers that have nothing to do with anything. */
function withNoise(history: StoreHistory): StoreHistory {
  const random = createRandom(3);
  return withVectors(history, (vector) => vector.map(() => random.uniform()));
}

function isSoon({ windows }: ServiceHistory, atMs: number): boolean {
  return windows.some(({ startMs, failed }) => failed === true && startMs >= atMs && startMs < atMs + HORIZON_MS);
}

const verdictOf = ({ verdict }: TrainingOutcome) => verdict as unknown as GateVerdict & { datasetHash: string };
const broken = (outcome: TrainingOutcome): GateRuleName[] =>
  verdictOf(outcome)
    .rules.filter(({ passed }) => !passed)
    .map(({ rule }) => rule);

/** Nothing serves, and whoever asks is told why, of which data. */
async function expectRejected(outcome: TrainingOutcome, reason: RegExp): Promise<void> {
  expect(outcome.state).toBe("rejected");
  expect(verdictOf(outcome).reason).toMatch(reason);
  expect(verdictOf(outcome).datasetHash).toMatch(/^[0-9a-f]{64}$/);
  expect(broken(outcome).length).toBeGreaterThan(0);
  expect(await readAlias(database.db, NAME, "champion")).toBeNull();
  if (outcome.version === null) return;
  const stored = await readVersion(database.db, NAME, outcome.version);
  expect(stored).toMatchObject({ status: "rejected", verdict: { passed: false, reason: verdictOf(outcome).reason } });
}

describe("the gate lets a model through", () => {
  it("when there is something to learn and nothing is wrong", async () => {
    const outcome = await train(fleet());
    expect(verdictOf(outcome).reason).toBe("every rule of the gate is met");
    expect(outcome).toMatchObject({ state: "promoted", version: "1" });
  });

  it("or not, when half of all features are missing, but never one that is no better than the base rate", async () => {
    const random = createRandom(5);
    const holes = (vector: Float32Array) => vector.map((value) => (random.uniform() < 0.5 ? Number.NaN : value));
    const outcome = await train(withVectors(fleet(), holes));
    const rules = verdictOf(outcome).rules;
    const skill = rules.find(({ rule }) => rule === "skill");
    expect(outcome.state).toBe(verdictOf(outcome).passed ? "promoted" : "rejected");
    expect(skill?.passed).toBe(skill !== undefined && skill.value > Math.max(0, skill.limit));
    expect(rules.map(({ value }) => Number.isFinite(value))).not.toContain(false);
  });
});

describe("the gate rejects", () => {
  const column = FEATURE_SPEC.features.findIndex(({ group }) => group === "error_level");
  const name = FEATURE_SPEC.features[column]!.name;

  it.each<[string, (soon: boolean, uniform: number) => number]>([
    ["always", (soon) => (soon ? 1 : 0)],
    ["mostly", (soon, uniform) => (soon === uniform > 0.05 ? 1 : 0)],
    ["by being missing", (soon) => (soon ? Number.NaN : 0)],
    ["when it is there at all", (soon, uniform) => (uniform < 0.1 ? Number.NaN : soon ? 1 : 0)],
  ])("a feature that knows the future %s", async (_, leak) => {
    const random = createRandom(9);
    const leaky = withVectors(fleet(), (vector, { service, atMs }) =>
      vector.with(column, leak(isSoon(service, atMs), random.uniform())),
    );
    const outcome = await train(leaky);
    await expectRejected(outcome, new RegExp(name.replaceAll(".", "\\.")));
    expect(broken(outcome)).toContain("leak");
  });

  it("labels of which a fifth are turned round", async () => {
    const random = createRandom(11);
    const outcome = await train(withFailures(fleet(), (failed) => (random.uniform() < 0.2 ? !failed : failed)));
    await expectRejected(outcome, /accuracy|skill|calibration/);
  });

  it("features without any signal, also when every service is there three times", async () => {
    const noise = withNoise(fleet());
    const copies = (history: StoreHistory): StoreHistory => ({
      ...history,
      services: [0, 100, 200].flatMap((offset) =>
        history.services.map((service) => ({ ...service, serviceId: service.serviceId + offset })),
      ),
    });
    await expectRejected(await train(copies(noise)), /skill|accuracy/);
  });

  it("a past without failures", async () => {
    await expectRejected(await train(fleet({ failures: 0 })), /not enough failures: 0/);
  });

  it("a past with a single failure", async () => {
    const once = withFailures(fleet(), (_, { service, index }) => service.serviceId === 1 && index === 100);
    await expectRejected(await train(once), /not enough failures: 1/);
  });

  it("features that never change", async () => {
    await expectRejected(
      await train(withVectors(fleet(), (vector) => new Float32Array(vector.length).fill(1))),
      /not enough variety/,
    );
  });

  it("a history that is too short", async () => {
    await expectRejected(await train(fleet({ services: 2, windows: 60 })), /not enough examples/);
  });

  it("a validation slice in which nothing fails", async () => {
    const outcome = await train(withFailures(fleet(), (failed, { index }) => failed && index < 180));
    await expectRejected(outcome, /distinct outcomes/);
    expect(broken(outcome)).toContain("both_outcomes");
  });
});
