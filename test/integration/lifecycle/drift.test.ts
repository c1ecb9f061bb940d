import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { fitInputReference } from "../../../models/lifecycle/input-drift.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { liveModelRoutes } from "../../../services/inference/models/live-routes.ts";
import { takeInOutcomes } from "../../../services/lifecycle/take-in-outcomes.ts";
import { type DriftDeps, watchDrift } from "../../../services/lifecycle/watch-drift.ts";
import type { ModelSlot } from "../../../services/platform/serving/model-slot.ts";
import { readDriftSignals } from "../../../services/platform/store/drift-store.ts";
import { readVersion, setAlias } from "../../../services/platform/store/registry-store.ts";
import { createRandom } from "../../../training/random.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { HORIZON, NAME, READ_FEATURE, registerPredictor, SIZE_MS, startStream, T0 } from "./lifecycle-fixture.ts";

let database: TestDatabase;
let nowMs: number;
beforeEach(async () => {
  database = await createTestDatabase();
  nowMs = T0;
});
afterEach(() => database.drop());

/** Training in which one row in `one` showed the feature. */
function referenceOf(one: number) {
  const width = FEATURE_SPEC.features.length;
  const random = createRandom(2);
  const count = 4_000;
  const vectors = new Float32Array(count * width).fill(Number.NaN);
  for (let row = 0; row < count; row++) vectors[row * width + READ_FEATURE] = random.uniform() < 1 / one ? 1 : 0;
  const atMs = Float64Array.from({ length: count }, (_, row) => T0 - (count - row) * 600);
  return fitInputReference(vectors, atMs, width, [READ_FEATURE])!;
}

function depsWith(slot: ModelSlot<PredictorManifest>): DriftDeps & { allowedLatenessMs: number } {
  return {
    ...{ db: database.db, clock: { now: () => nowMs }, logger: silentLogger, horizon: HORIZON },
    ...{ allowedLatenessMs: SIZE_MS, predictor: () => slot, rollback: { confidence: 0.95, minFailures: 5 } },
  };
}

/** A champion that serves, with what its inputs were like in training. */
async function serve(one: number): Promise<{ version: string; deps: ReturnType<typeof depsWith> }> {
  const version = await registerPredictor(database.db, { quiet: 0.05, warned: 0.5 });
  const move = { name: NAME, alias: "champion" as const, actor: "user@example.com", reason: "test", atMs: T0 };
  await setAlias(database.db, { ...move, version });
  const { manifest } = (await readVersion(database.db, NAME, version))!;
  const slot: ModelSlot<PredictorManifest> = {
    ...{ state: "ready", version, source: "registry", card: "", refused: null },
    // Written by registerPredictor.
    manifest: { ...(manifest as PredictorManifest), reference: referenceOf(one) },
    session: { run: () => Promise.reject(new Error("drift asks no model")) },
  };
  return { version, deps: depsWith(slot) };
}

const signalsByName = async () =>
  new Map((await readDriftSignals(database.db, NAME)).map((signal) => [signal.signal, signal]));

describe("the watch for drift", () => {
  it("compares inputs with training, says what to expect of the model, and is shown by the API", async () => {
    // A failure about every 45 windows, seen 5 windows ahead.
    const { version, deps } = await serve(9);
    const answer = ({ soon }: { soon: boolean }) => ({ version, probability: soon ? 0.5 : 0.05 });
    const stream = await startStream(database.db, { services: 20, meanGap: 38, seed: 8, answer });
    for (let window = 0; window < 30; window++) await stream.advance();
    await watchDrift(deps);
    const signals = await signalsByName();
    expect([...signals.keys()].sort()).toEqual(["estimated_performance", "inputs.error_level", "loss", "skill"]);
    expect([...signals.values()].filter(({ drifting }) => drifting)).toEqual([]);
    const estimate = signals.get("estimated_performance")!;
    expect(estimate.detail).toMatchObject({ rows: expect.any(Number), auc: expect.any(Number) });
    expect(estimate.value).toBeGreaterThan(0);

    const route = liveModelRoutes({
      ...{ db: database.db, horizon: HORIZON, rollback: { enabled: true, confidence: 0.95, minFailures: 5 } },
    }).find(({ path }) => path.endsWith("/drift"))!;
    const input = { params: { name: NAME }, query: undefined, body: undefined, headers: undefined };
    const { json } = await route.handle(input);
    expect(route.responses[200]!.schema!.parse(json)).toEqual(json);
    expect(json).toMatchObject({ drifting: false });
    await expect(route.handle({ ...input, params: { name: "tea-maker" } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("sees inputs that training hardly knew, since when, and begins anew with another champion", async () => {
    const { version, deps } = await serve(1_000_000);
    const answer = ({ soon }: { soon: boolean }) => ({ version, probability: soon ? 0.5 : 0.05 });
    const stream = await startStream(database.db, { services: 20, meanGap: 10, seed: 8, answer });
    for (let window = 0; window < 30; window++) await stream.advance();
    await watchDrift(deps);
    nowMs += 1;
    for (let window = 0; window < 10; window++) await stream.advance();
    await watchDrift(deps);
    const signal = (await signalsByName()).get("inputs.error_level");
    expect(signal).toMatchObject({ drifting: true, version, atMs: T0 + 1, driftingSinceMs: T0 });
    expect(signal!.value).toBeGreaterThan(signal!.threshold!);
    await setAlias(database.db, {
      ...{ name: NAME, alias: "champion", version: null, actor: "user@example.com", reason: "test", atMs: T0 },
    });
    await watchDrift(deps);
    expect(await readDriftSignals(database.db, NAME)).toEqual([]);
  });

  it("sees the loss rise on known outcomes", async () => {
    const { version, deps } = await serve(9);
    const answer = ({ soon, window }: { soon: boolean; window: number }) => ({
      version,
      probability: window < 300 ? (soon ? 0.9 : 0.01) : 0.6,
    });
    const stream = await startStream(database.db, { services: 10, meanGap: 38, seed: 8, answer });
    for (let window = 0; window < 300; window++) {
      await stream.advance();
      // The watch begins with what it sees first.
      if (window === 0) await takeInOutcomes(deps);
    }
    while (await takeInOutcomes(deps));
    await watchDrift(deps);
    expect((await signalsByName()).get("loss")).toMatchObject({ drifting: false });
    for (let window = 0; window < 120; window++) await stream.advance();
    while (await takeInOutcomes(deps));
    await watchDrift(deps);
    const loss = (await signalsByName()).get("loss");
    expect(loss).toMatchObject({ drifting: true });
    expect(loss!.value).toBeGreaterThan(loss!.threshold!);
  });
});
