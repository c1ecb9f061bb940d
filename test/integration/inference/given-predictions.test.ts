/** An id that a caller was given is in the store, whatever happens next: also when the prediction is given again and again while it is
 *  written, and when the process is killed. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../helpers/cluster.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { seedService, seedVector } from "./seed.ts";

let database: TestDatabase;
let api: HarbingerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedService(database.db, { name: "checkout" }, 0);
  api = await startHarbinger({
    env: { DATABASE_URL: database.url, HARBINGER_ROLES: "inference", HARBINGER_LOG_LEVEL: "warn" },
  });
});
afterAll(async () => {
  await api?.dispose();
  await database?.drop();
});

async function ask(): Promise<string> {
  const response = await fetch(`${api.apiUrl}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ service: "checkout", explain: false }),
  });
  const { id } = (await response.json()) as { id: string };
  return id;
}

async function storedIds(): Promise<Set<string>> {
  const rows = await database.db.selectFrom("predictions").select("id").execute();
  return new Set(rows.map(({ id }) => id));
}

it("nobody is given a prediction before it is written, and then all who asked get the same one", async () => {
  // Once a repeat has the same id, announcements are heard and predictions are kept.
  const askTwice = async () => [await ask(), await ask()];
  await eventually(askTwice, ([first, second]) => first === second, { what: "a prediction being kept" });
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  try {
    await holder.query("begin; lock table predictions in share mode");
    const before = await storedIds();
    await seedVector(database.db, 1, 60_000, 0);
    await sleep(500);
    let answered = 0;
    const asking = [ask(), ask(), ask()].map(async (id) => {
      await id;
      answered++;
      return id;
    });
    await sleep(500);
    expect(answered).toBe(0);
    await holder.query("commit");
    const ids = new Set(await Promise.all(asking));
    expect(ids.size).toBe(1);
    expect([...ids].filter((id) => before.has(id))).toEqual([]);
    expect([...(await storedIds())]).toEqual(expect.arrayContaining([...ids]));
  } finally {
    await holder.end();
  }
});

it("ids that were given are in the store after the process was killed", async () => {
  const given = new Set<string>();
  let isOver = false;
  const asking = Array.from({ length: 8 }, async () => {
    while (!isOver) given.add(await ask().catch(() => "cut off"));
  });
  // Each vector ends what was said before, so that new predictions are being written all the time.
  for (let change = 2; given.size < 20 && change < 2_000; change++)
    await seedVector(database.db, 1, change * 60_000, 0);
  await api.kill();
  isOver = true;
  await Promise.all(asking);
  given.delete("cut off");
  expect(given.size).toBeGreaterThanOrEqual(19);
  expect([...(await storedIds())]).toEqual(expect.arrayContaining([...given]));
});
