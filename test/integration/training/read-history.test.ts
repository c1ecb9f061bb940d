import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FEATURE_SPEC } from "../../../models/features/fold.ts";
import { type HistoryLimits, readHistory } from "../../../training/dataset/read-history.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { storeHistory } from "../../helpers/store-history.ts";
import { syntheticHistory } from "../../helpers/synthetic-history.ts";

const SIZE_MS = 1000;
const PLAN = { services: 3, windows: 120, windowSizeMs: SIZE_MS, seed: 3 };

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await storeHistory(database.db, syntheticHistory(PLAN));
});
afterEach(() => database.drop());

function read(limits: HistoryLimits | undefined, horizonWindows = 10) {
  const query = { specHash: FEATURE_SPEC.hash, windowSizeMs: SIZE_MS, horizonWindows, throughMs: 1e15 };
  return readHistory(database.db, query, limits);
}

/** windows between one vector and the next, each once */
const gapsOf = (vectors: readonly { atMs: number }[]): number[] => [
  ...new Set(vectors.slice(1).map(({ atMs }, index) => (atMs - vectors[index]!.atMs) / SIZE_MS)),
];

describe("the history that a training reads", () => {
  it("is all of it where it fits", async () => {
    const { everyWindows, services } = await read(undefined);
    expect(everyWindows).toBe(1);
    expect(services.map(({ vectors, windows }) => [vectors.length, windows.length])).toEqual([
      [120, 120],
      [120, 120],
      [120, 120],
    ]);
  });

  it("is thinned evenly, each service at moments of its own, before anything old is left out", async () => {
    const { everyWindows, services } = await read({ vectors: 100, windows: 1_000 });
    expect(everyWindows).toBe(4);
    for (const { vectors, windows } of services) {
      expect(gapsOf(vectors)).toEqual([4]);
      expect(vectors).toHaveLength(30);
      expect(windows).toHaveLength(120);
    }
    expect(new Set(services.map(({ vectors }) => vectors[0]!.atMs)).size).toBe(3);
  });

  it("keeps a vector within every horizon, and rather leaves out what is old", async () => {
    const { everyWindows, services } = await read({ vectors: 60, windows: 1_000 }, 2);
    expect(everyWindows).toBe(2);
    const newest = Math.max(...services.flatMap(({ vectors }) => vectors.map(({ atMs }) => atMs)));
    for (const { vectors } of services) {
      expect(gapsOf(vectors)).toEqual([2]);
      expect(vectors[0]!.atMs).toBeGreaterThan(newest - 41 * SIZE_MS);
    }
    expect(services.flatMap(({ vectors }) => vectors)).toHaveLength(60);
  });

  it("does not look at more windows than it may hold", async () => {
    const { services } = await read({ vectors: 1_000, windows: 30 });
    expect(services.map(({ vectors }) => vectors.length)).toEqual([10, 10, 10]);
  });
});
