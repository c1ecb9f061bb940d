import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../services/platform/clock.ts";
import { createModelHost } from "../../../services/platform/serving/model-host.ts";
import {
  listModels,
  previousVersions,
  readAlias,
  readAliasAudit,
  readVersion,
  setAlias,
} from "../../../services/platform/store/registry-store.ts";
import { buildCandidate } from "../../../training/build-candidate.ts";
import { runPipeline } from "../../../training/pipeline.ts";
import type { TrainingSettings } from "../../../training/settings.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { storeHistory } from "../../helpers/store-history.ts";
import { syntheticHistory } from "../../helpers/synthetic-history.ts";

const NAME = "failure-predictor";
const SETTINGS: TrainingSettings = {
  model: NAME,
  windowSizeMs: 1000,
  horizonMs: 15_000,
  horizonsMs: [15_000],
  throughMs: Number.MAX_SAFE_INTEGER,
  seed: 1,
  epochs: 12,
  ensembleSize: 3,
  minExamples: 200,
  gate: { minAccuracy: 0.7, maxCalibrationError: 0.2 },
  promotesTo: "champion",
  requestedBy: "user@example.com",
};

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await storeHistory(database.db, syntheticHistory({ services: 8, windows: 280, windowSizeMs: 1000, seed: 14 }));
});
afterAll(() => database.drop());

function run(settings: TrainingSettings, stages: string[] = []) {
  const { db } = database;
  return runPipeline(
    { db, clock: systemClock, build: (given, report) => buildCandidate(db, given, report) },
    settings,
    async (stage) => void stages.push(stage),
  );
}

describe("the training pipeline", () => {
  it("refuses a past that is too short, registers nothing and says why", async () => {
    const outcome = await run({ ...SETTINGS, throughMs: 0 });
    expect(outcome).toMatchObject({ state: "rejected", version: null });
    expect(outcome.verdict?.reason).toContain("not enough examples: 0");
    expect(await listModels(database.db)).toEqual([]);
  });

  it("makes a champion out of the stored past, with card, numbers and hash, and the model host serves it", async () => {
    const stages: string[] = [];
    const outcome = await run(SETTINGS, stages);
    expect(outcome).toMatchObject({ state: "promoted", version: "1", verdict: { passed: true } });
    expect([...new Set(stages)]).toEqual(["dataset", "fit", "evaluate", "gate", "register"]);
    const stored = await readVersion(database.db, NAME, "1");
    expect(stored).toMatchObject({
      status: "passed",
      metrics: { validation: { network: {}, logistic: {}, baseRateModel: {} } },
    });
    expect(stored?.datasetHash).toMatch(/^[0-9a-f]{64}$/);
    expect(stored?.card).toContain("## Gate: passed");
    const { db, listen } = database;
    const host = await createModelHost({ db, listen, logger: silentLogger, pretrainedDir: "/nowhere" });
    expect(host.predictor()).toMatchObject({ state: "ready", version: "1" });
    await host.close();
  });

  it("registers a rejected candidate with its verdict and leaves the champion where it is", async () => {
    const outcome = await run({ ...SETTINGS, seed: 2, gate: { minAccuracy: 0.9999, maxCalibrationError: 0.2 } });
    expect(outcome).toMatchObject({ state: "rejected", version: "2", verdict: { passed: false } });
    expect(outcome.verdict?.reason).toContain("accuracy");
    expect(await readVersion(database.db, NAME, "2")).toMatchObject({ status: "rejected", verdict: { passed: false } });
    expect(await readAlias(database.db, NAME, "champion")).toBe("1");
    expect(await readAliasAudit(database.db, { name: NAME, limit: 10 })).toHaveLength(1);
  });

  it("compares with the champion on the same rows: the same model again ties and may replace it", async () => {
    const outcome = await run(SETTINGS);
    expect(outcome).toMatchObject({ state: "promoted", version: "3" });
    expect(outcome.verdict?.rules).toContainEqual(
      expect.objectContaining({ rule: "champion", passed: true, value: 0 }),
    );
    const [first, third] = [await readVersion(database.db, NAME, "1"), await readVersion(database.db, NAME, "3")];
    expect(third?.artifactSha256).toBe(first?.artifactSha256);
    expect(third?.datasetHash).toBe(first?.datasetHash);
  });

  it("leaves the champion in place when versions go into shadow mode first", async () => {
    const outcome = await run({ ...SETTINGS, promotesTo: "shadow" });
    expect(outcome).toMatchObject({ state: "passed", version: "4", verdict: { passed: true } });
    expect(outcome.verdict?.reason).toContain("it is shadow now");
    expect(await readAlias(database.db, NAME, "shadow")).toBe("4");
    expect(await readAlias(database.db, NAME, "champion")).toBe("3");
  });

  it("does not promote the very weights that were taken back before, nor goes back to them", async () => {
    const { db } = database;
    const taken = { name: NAME, alias: "champion" as const, actor: "harbinger", reason: "test", atMs: 1 };
    expect(await setAlias(db, { ...taken, version: "1", expected: "2" })).toEqual({ previous: "3", changed: false });
    await setAlias(db, { ...taken, version: "1", expected: "3", rollbackEvidence: { brierSkill: -0.2 } });
    const outcome = await run(SETTINGS);
    expect(outcome).toMatchObject({ state: "passed", version: "5", verdict: { passed: true } });
    expect(outcome.verdict?.reason).toContain("taken back");
    expect(await readAlias(db, NAME, "champion")).toBe("1");
    const [move] = await readAliasAudit(db, { name: NAME, limit: 1, alias: "champion" });
    expect(move?.rollbackEvidence).toEqual({ brierSkill: -0.2 });
    // A person may, and rolling back from there passes over what was taken back.
    await setAlias(db, { ...taken, version: "4" });
    await setAlias(db, { ...taken, version: "3" });
    await setAlias(db, { ...taken, version: "5" });
    expect(await previousVersions(db, NAME, "champion")).toEqual(["1"]);
  });
});
