import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listModels } from "../../../services/platform/store/registry-store.ts";
import type { JobOrder } from "../../../training/job-messages.ts";
import { runInChild } from "../../../training/run-in-child.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { storeHistory } from "../../helpers/store-history.ts";
import { syntheticHistory } from "../../helpers/synthetic-history.ts";

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), "harbinger-child-"));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const order = (databaseUrl = database.url): JobOrder => ({
  databaseUrl,
  logLevel: "silent",
  settings: {
    model: "failure-predictor",
    windowSizeMs: 1000,
    horizonMs: 15_000,
    horizonsMs: [15_000],
    throughMs: Number.MAX_SAFE_INTEGER,
    seed: 1,
    epochs: 3,
    ensembleSize: 2,
    minExamples: 200,
    gate: { minAccuracy: 0.1, maxCalibrationError: 1 },
    promotesTo: "champion",
    requestedBy: "user@example.com",
  },
});

async function runScript(name: string, source: string, signal = new AbortController().signal) {
  const module = join(folder, `${name}.mjs`);
  await writeFile(module, source);
  return runInChild(order(), { onProgress: () => {}, signal, module });
}

describe("a training process", () => {
  it("runs the real pipeline against the database and reports its progress", async () => {
    await storeHistory(database.db, syntheticHistory({ services: 8, windows: 200, windowSizeMs: 1000, seed: 14 }));
    const percents: number[] = [];
    const outcome = await runInChild(order(), {
      onProgress: ({ percent }) => percents.push(percent),
      signal: new AbortController().signal,
    });
    expect(outcome).toMatchObject({ version: "1", error: null, verdict: { rules: expect.any(Array) } });
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.length).toBeGreaterThan(5);
    expect(await listModels(database.db)).toMatchObject([{ name: "failure-predictor", versions: [{ version: "1" }] }]);
  });

  it("that cannot reach the database fails with the reason and without the password", async () => {
    const url = new URL(database.url);
    url.pathname = "/no_such_database";
    const outcome = await runInChild(order(url.href), { onProgress: () => {}, signal: new AbortController().signal });
    expect(outcome.state).toBe("failed");
    expect(outcome.error).toContain("no_such_database");
    if (url.password !== "") expect(outcome.error).not.toContain(url.password);
  });

  it.each([
    ["exits", "process.exit(3)", "exit code 3"],
    ["throws", "throw new Error('a bug')", "exit code 1"],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", "signal SIGKILL"],
    ["talks nonsense", "process.send({ kind: 'done' }, () => process.exit(0))", "exit code 0 before it was done"],
  ])("that %s is a failed job with the reason", async (name, source, reason) => {
    const outcome = await runScript(name.replaceAll(" ", "-"), source);
    expect(outcome).toMatchObject({ state: "failed", version: null });
    expect(outcome.error).toContain(reason);
  });

  it("that runs out of memory is a failed job with the reason", async () => {
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = "--max-old-space-size=20";
    try {
      const outcome = await runScript("greedy", "const kept = []; for (;;) kept.push(new Array(1e4).fill(1.5));");
      expect(outcome).toMatchObject({ state: "failed", error: "the training process ran out of memory" });
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
  });

  it("is ended when it is told to stop", async () => {
    const stopping = new AbortController();
    const running = runScript("endless", "setInterval(() => {}, 1000)", stopping.signal);
    setTimeout(() => stopping.abort(new Error("stopping")), 300);
    await expect(running).rejects.toThrow("stopping");
  });
});
