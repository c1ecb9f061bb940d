import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { identityCalibration } from "../../../models/predictor/hazard.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { createModelHost, type ModelHost } from "../../../services/platform/serving/model-host.ts";
import { servedModel } from "../../../services/platform/serving/model-slot.ts";
import { registerVersion, setAlias } from "../../../services/platform/store/registry-store.ts";
import { createGraph } from "../../../training/export/onnx-writer.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const NAME = "failure-predictor";

/** A predictor whose every hazard logit is `answer`. */
function constantModel(answer: number): Uint8Array {
  const graph = createGraph("constant");
  const x = graph.input("features", 1);
  const zero = (width: number) => new Float32Array(width);
  graph.output("hazard_logits", graph.dense(x, zero(1), { in: 1, out: 1 }, Float32Array.of(answer)), 1);
  graph.output("class_logits", graph.dense(x, zero(14), { in: 1, out: 14 }, zero(14)), 14);
  return graph.build();
}

const MANIFEST: PredictorManifest = {
  kind: "failure-predictor",
  format: 2,
  specHash: FEATURE_SPEC.hash,
  windowSizeMs: 1000,
  members: 1,
  edges: [1],
  scaler: {
    featureCount: FEATURE_SPEC.features.length,
    width: 1,
    features: [{ feature: 0, transform: "linear", unit: 1, mean: 0, deviation: 1, maskColumn: null }],
  },
  calibration: identityCalibration(1),
  expected: FEATURE_SPEC.features.map(() => null),
  classes: [],
  uncertainty: { calibrationDeviation: 0, spreadScale: 1 },
};

let database: TestDatabase;
let shipped: string;
let hosts: ModelHost[] = [];

beforeAll(async () => {
  shipped = await mkdtemp(join(tmpdir(), "harbinger-shipped-"));
});
afterAll(() => rm(shipped, { recursive: true }));

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
  await database.drop();
});

async function start(): Promise<ModelHost> {
  const { db, listen } = database;
  const host = await createModelHost({
    db,
    listen,
    logger: silentLogger,
    pretrainedDir: shipped,
    pollIntervalMs: 60_000,
  });
  hosts.push(host);
  return host;
}

async function register(artifact: Uint8Array, manifest: object = MANIFEST): Promise<string> {
  const { version } = await registerVersion(database.db, {
    name: NAME,
    status: "passed",
    manifest,
    metrics: {},
    verdict: {},
    card: "",
    datasetHash: "",
    artifact,
    createdAtMs: 1,
  });
  return version;
}

const promote = (version: string | null) =>
  setAlias(database.db, { name: NAME, alias: "champion", version, actor: "test", reason: "test", atMs: 1 });

async function answerOf(host: ModelHost): Promise<number> {
  const model = servedModel(host.predictor());
  if (model === null) throw new Error("nothing serves");
  const outputs = await model.session.run({ features: { data: new Float32Array(1), dims: [1, 1] } });
  return outputs.hazard_logits!.data[0]!;
}

describe("the model host", () => {
  it("is empty without a champion, and every process follows the alias forth and back", async () => {
    database = await createTestDatabase();
    const [one, two] = [await start(), await start()];
    expect(one.predictor()).toEqual({ state: "empty" });
    for (const answer of [1, 2]) await register(constantModel(answer));
    for (const [version, answer] of [
      ["1", 1],
      ["2", 2],
      ["1", 1],
    ] as const) {
      await promote(version);
      for (const host of [one, two])
        await expect.poll(() => answerOf(host).catch(() => null), { timeout: 10_000 }).toBe(answer);
    }
    await promote(null);
    await expect.poll(() => one.predictor().state, { timeout: 10_000 }).toBe("empty");
  });

  it("swaps under load without failing a single call", async () => {
    database = await createTestDatabase();
    for (let answer = 1; answer <= 6; answer += 1) await register(constantModel(answer));
    await promote("1");
    const host = await start();
    let stop = false;
    const answers = new Set<number>();
    const callers = Array.from({ length: 8 }, async () => {
      while (!stop) {
        const model = servedModel(host.predictor());
        // Held across a turn of the event loop, as a request that first reads the database does.
        await new Promise((resolve) => setTimeout(resolve, 1));
        const outputs = await model!.session.run({ features: { data: new Float32Array(1), dims: [1, 1] } });
        const answer = outputs.hazard_logits!.data[0]!;
        expect(answer).toBe(Number(model!.version));
        answers.add(answer);
      }
    });
    for (const version of ["2", "3", "4", "5", "6"]) {
      await promote(version);
      await host.refresh();
      expect(host.predictor()).toMatchObject({ state: "ready", version });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stop = true;
    await Promise.all(callers);
    expect(answers.size).toBe(6);
  });

  it.each<[string, () => Promise<void>, string]>([
    [
      "bytes that are not those that were registered",
      async () => {
        await register(constantModel(2));
        await sql`alter table model_artifacts disable trigger immutable`.execute(database.db);
        await sql`update model_artifacts set content = content || '\\x00' where sha256 =
          (select artifact_sha256 from model_versions where version = '2')`.execute(database.db);
      },
      "ARTIFACT_CORRUPT",
    ],
    ["bytes that are no graph", async () => void (await register(Uint8Array.of(1, 2, 3))), "ARTIFACT_CORRUPT"],
    ["a graph that answers NaN", async () => void (await register(constantModel(Number.NaN))), "ARTIFACT_CORRUPT"],
    [
      "a model of another feature spec",
      async () => void (await register(constantModel(2), { ...MANIFEST, specHash: "other" })),
      "CONFLICT",
    ],
    [
      "a manifest of an older format",
      async () => void (await register(constantModel(2), { ...MANIFEST, format: 1 })),
      "CONFLICT",
    ],
  ])("refuses %s: the old one keeps serving, and without an old one the slot says why", async (_, spoil, code) => {
    database = await createTestDatabase();
    await register(constantModel(1));
    await spoil();
    await promote("1");
    const host = await start();
    await promote("2");
    await host.refresh();
    expect(host.predictor()).toMatchObject({
      state: "ready",
      version: "1",
      refused: { version: "2", error: { code } },
    });
    expect(await answerOf(host)).toBe(1);
    const fresh = await start();
    expect(fresh.predictor()).toMatchObject({ state: "failed", version: "2", error: { code } });
    await promote("1");
    await fresh.refresh();
    expect(fresh.predictor()).toMatchObject({ state: "ready", version: "1", refused: null });
  });
});
