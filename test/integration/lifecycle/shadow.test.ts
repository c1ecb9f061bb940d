import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { liveModelRoutes } from "../../../services/inference/models/live-routes.ts";
import { scoreHidden } from "../../../services/lifecycle/score-hidden.ts";
import { takeInOutcomes } from "../../../services/lifecycle/take-in-outcomes.ts";
import { predictorDefinition } from "../../../services/platform/serving/definitions.ts";
import { createServedSlot } from "../../../services/platform/serving/served-slot.ts";
import { latestPredictions } from "../../../services/platform/store/predictions-store.ts";
import { type ModelAlias, setAlias } from "../../../services/platform/store/registry-store.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { HORIZON, NAME, registerPredictor, SIZE_MS, type Stream, startStream, T0 } from "./lifecycle-fixture.ts";

let database: TestDatabase;
let slots: ReturnType<typeof openSlots>;
beforeEach(async () => {
  database = await createTestDatabase();
  slots = openSlots();
});
afterEach(async () => {
  await Promise.all(Object.values(slots).map((slot) => slot.close()));
  await database.drop();
});

function openSlots() {
  const deps = { db: database.db, logger: silentLogger, pretrainedDir: null };
  const slot = (alias: ModelAlias) => createServedSlot(predictorDefinition, { ...deps, alias });
  return { challenger: slot("challenger"), shadow: slot("shadow") };
}

const deps = () => ({
  ...{ db: database.db, clock: { now: () => T0 }, logger: silentLogger, horizon: HORIZON, allowedLatenessMs: SIZE_MS },
});
const point = (alias: ModelAlias, version: string | null) =>
  setAlias(database.db, { name: NAME, alias, version, actor: "user@example.com", reason: "test", atMs: T0 });

async function round(stream: Stream): Promise<number> {
  await stream.advance();
  const scored = await scoreHidden(deps(), slots, () => false);
  while (await takeInOutcomes(deps()));
  return scored;
}

async function shadowReport() {
  const rollback = { enabled: true, confidence: 0.95, minFailures: 5 };
  const route = liveModelRoutes({ db: database.db, horizon: HORIZON, rollback }).find(({ path }) =>
    path.endsWith("/shadow"),
  )!;
  const { json } = await route.handle({
    params: { name: NAME },
    query: undefined,
    body: undefined,
    headers: undefined,
  });
  return route.responses[200]!.schema!.parse(json) as { items: Record<string, unknown>[] };
}

const DULL = { quiet: 0.08, warned: 0.12 };
const SHARP = { quiet: 0.02, warned: 0.8 };
/** What the champion of these streams says. */
const dullAnswer = (version: string | null) => () => ({ version, probability: 0.1 });

describe("a version in shadow mode", () => {
  it("scores every window beside the champion, is shown nowhere, and is found to be better", async () => {
    const [dull, sharp] = [await registerPredictor(database.db, DULL), await registerPredictor(database.db, SHARP)];
    await point("champion", dull);
    const stream = await startStream(database.db, { services: 20, meanGap: 40, seed: 3, answer: dullAnswer(dull) });
    await round(stream);
    await point("shadow", sharp);
    expect(await round(stream)).toBe(0); // what closed before it was there is not scored
    expect(await round(stream)).toBe(20);
    expect((await shadowReport()).items).toMatchObject([
      { alias: "shadow", version: sharp, against: dull, outcomes: 0, verdict: "undecided", scores: null },
    ]);
    for (let window = 0; window < 150; window++) await round(stream);
    const shown = await latestPredictions(database.db);
    expect(new Set(shown.map(({ modelVersion }) => modelVersion))).toEqual(new Set([dull]));

    const [comparison] = (await shadowReport()).items;
    expect(comparison).toMatchObject({ verdict: "better", against: dull });
    const scores = comparison!.scores as {
      brierDifference: { mean: number; upper: number };
      logLossDifference: { upper: number };
    };
    expect(scores.brierDifference.mean).toBeLessThan(0);
    expect(scores.brierDifference.upper).toBeLessThan(0);
    expect(scores.logLossDifference.upper).toBeLessThan(0);
  });

  it("is found to be worse, and may be one that the gate rejected", async () => {
    const good = await registerPredictor(database.db, SHARP);
    const bad = await registerPredictor(database.db, { quiet: 0.5, warned: 0.05, status: "rejected" });
    await point("champion", good);
    await point("challenger", bad);
    const answer = ({ soon }: { soon: boolean }) => ({ version: good, probability: soon ? 0.8 : 0.02 });
    const stream = await startStream(database.db, { services: 20, meanGap: 40, seed: 4, answer });
    for (let window = 0; window < 150; window++) await round(stream);
    expect((await shadowReport()).items).toMatchObject([{ alias: "challenger", version: bad, verdict: "worse" }]);
  });

  it("stays undecided against itself, and begins anew when another version serves", async () => {
    const [dull, twin] = [await registerPredictor(database.db, DULL), await registerPredictor(database.db, DULL)];
    await point("champion", dull);
    await point("shadow", twin);
    const answer = ({ soon }: { soon: boolean }) => ({ version: dull, probability: soon ? 0.12 : 0.08 });
    const stream = await startStream(database.db, { services: 20, meanGap: 40, seed: 4, answer });
    for (let window = 0; window < 60; window++) await round(stream);
    expect((await shadowReport()).items).toMatchObject([{ verdict: "undecided" }]);
    await point("champion", null);
    await round(stream);
    expect((await shadowReport()).items).toMatchObject([{ against: "base-rate", outcomes: 0 }]);
    await point("shadow", null);
    await round(stream);
    expect((await shadowReport()).items).toEqual([]);
  });
});
