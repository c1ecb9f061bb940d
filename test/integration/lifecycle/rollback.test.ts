import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rollBackIfWorse } from "../../../services/lifecycle/roll-back.ts";
import { takeInOutcomes } from "../../../services/lifecycle/take-in-outcomes.ts";
import { readWatchState } from "../../../services/platform/lifecycle/watch-state.ts";
import { readAlias, readAliasAudit, setAlias } from "../../../services/platform/store/registry-store.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { HORIZON, NAME, registerPredictor, SIZE_MS, type StreamPlan, startStream, T0 } from "./lifecycle-fixture.ts";

let database: TestDatabase;
let rollbacks: number;
beforeEach(async () => {
  database = await createTestDatabase();
  rollbacks = 0;
});
afterEach(() => database.drop());

const deps = () => ({
  ...{ db: database.db, clock: { now: () => T0 }, logger: silentLogger, horizon: HORIZON, allowedLatenessMs: SIZE_MS },
  rollback: { enabled: true, confidence: 0.95, minFailures: 5 },
  onRollback: () => void rollbacks++,
});
const promote = (version: string) =>
  setAlias(database.db, {
    name: NAME,
    alias: "champion",
    version,
    actor: "user@example.com",
    reason: "test",
    atMs: T0,
  });

/** Writes windows and takes in what became known, window by window, until something is rolled back. @returns windows written */
async function live(answer: StreamPlan["answer"], windows: number): Promise<number> {
  const stream = await startStream(database.db, { services: 20, meanGap: 40, seed: 5, answer });
  for (let window = 0; window < windows; window++) {
    await stream.advance();
    while (await takeInOutcomes(deps()));
    if (await rollBackIfWorse(deps())) return stream.windows();
  }
  return stream.windows();
}

describe("a champion that predicts worse than the base rate", () => {
  it("gives way to the version before, on record with its numbers, and is not brought back", async () => {
    const [good, bad] = [
      await registerPredictor(database.db, { quiet: 0.02, warned: 0.8 }),
      await registerPredictor(database.db, { quiet: 0.6, warned: 0.01 }),
    ];
    await promote(good);
    await promote(bad);
    const windows = await live(({ soon }) => ({ version: bad, probability: soon ? 0.01 : 0.6 }), 300);
    expect(windows).toBeLessThan(300);
    expect(await readAlias(database.db, NAME, "champion")).toBe(good);
    const [entry] = await readAliasAudit(database.db, { name: NAME, limit: 1 });
    expect(entry).toMatchObject({ fromVersion: bad, toVersion: good, actor: "harbinger" });
    expect(entry?.rollbackEvidence).toMatchObject({ failures: expect.any(Number), pValue: expect.any(Number) });
    expect(entry?.rollbackEvidence?.brierSkill).toBeLessThan(0);
    expect(rollbacks).toBe(1);
    // What is known of the bad one says nothing about the good one.
    expect(await rollBackIfWorse(deps())).toBe(false);
    while (await takeInOutcomes(deps()));
    expect((await readWatchState(database.db, HORIZON)).champion).toMatchObject({ version: good, rows: 0 });
  });

  it("leaves base rates when there was nothing before", async () => {
    const bad = await registerPredictor(database.db, { quiet: 0.6, warned: 0.01 });
    await promote(bad);
    await live(({ soon }) => ({ version: bad, probability: soon ? 0.01 : 0.6 }), 300);
    expect(await readAlias(database.db, NAME, "champion")).toBeNull();
  });

  it("stays while too few failures have begun, or when rolling back is switched off", async () => {
    const bad = await registerPredictor(database.db, { quiet: 0.6, warned: 0.01 });
    await promote(bad);
    const patient = { ...deps(), rollback: { enabled: true, confidence: 0.95, minFailures: 1_000_000 } };
    const off = { ...deps(), rollback: { enabled: false, confidence: 0.95, minFailures: 0 } };
    const stream = await startStream(database.db, {
      ...{ services: 20, meanGap: 40, seed: 5 },
      answer: ({ soon }) => ({ version: bad, probability: soon ? 0.01 : 0.6 }),
    });
    for (let window = 0; window < 150; window++) {
      await stream.advance();
      while (await takeInOutcomes(deps()));
    }
    expect(await rollBackIfWorse(patient)).toBe(false);
    expect(await rollBackIfWorse(off)).toBe(false);
    expect(await rollBackIfWorse(deps())).toBe(true);
  });
});

describe("a champion with skill", () => {
  it("is never taken back, however often one looks", async () => {
    const good = await registerPredictor(database.db, { quiet: 0.02, warned: 0.8 });
    await promote(good);
    const answer: StreamPlan["answer"] = ({ soon, random }) => {
      const warned = random.uniform() < (soon ? 0.7 : 0.05);
      return { version: good, probability: warned ? 0.5 : 0.03 };
    };
    expect(await live(answer, 400)).toBe(400);
    expect(rollbacks).toBe(0);
    const { champion } = await readWatchState(database.db, HORIZON);
    expect(champion?.failures).toBeGreaterThan(50);
    expect(champion!.brier).toBeLessThan(champion!.baseRateBrier);
  });
});
