/** A label counts on the next request in every process, though none of them asks the database for labels on each request. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuleEngine } from "../../../models/rules/rule-engine.ts";
import { createLabelFollower } from "../../../services/platform/classification/label-follower.ts";
import type { Database } from "../../../services/platform/store/database.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { createLabeller } from "../../helpers/labeller.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const engine = createRuleEngine([]);
const rulesOnly = { classifier: () => ({ state: "empty" as const }) };
const odd = (text: string) => ({
  service: { namespace: "", name: "shop", environment: "" },
  ...{ timeMs: 0, source: "log" as const, attributes: {}, body: text },
});

/** The database with a count of the questions about labels, or one that does not answer. */
function watched(db: Database): { db: Database; reads: () => number; fail: (isDown: boolean) => void } {
  let reads = 0;
  let isDown = false;
  const proxy = new Proxy(db, {
    get(target, name, receiver) {
      if (name !== "selectFrom") return Reflect.get(target, name, receiver);
      return (table: "label_clock" | "feedback") => {
        reads += 1;
        if (isDown) throw new Error("the database is gone");
        return target.selectFrom(table);
      };
    },
  });
  return { db: proxy, reads: () => reads, fail: (down) => (isDown = down) };
}

describe("labels in several processes", () => {
  it("count on the next request after the answer to the feedback, in each of them, again and again", async () => {
    const followers = [1, 2, 3].map(() => createLabelFollower({ db: database.db, engine, logger: silentLogger }));
    // Other requests keep every lease young all the while.
    let isDone = false;
    const traffic = followers.map(async (follower) => {
      while (!isDone) {
        await follower.current();
        await sleep(1);
      }
    });
    const { give, withdraw } = createLabeller(database.db, rulesOnly);
    for (let round = 0; round < 8; round++) {
      const { feedback } = await give(odd(`the kettle of round ${"i".repeat(round + 1)} sings`), "conflict", "a");
      for (const follower of followers) expect((await follower.current()).byId.has(feedback.id)).toBe(true);
      await withdraw(feedback);
      for (const follower of followers) expect((await follower.current()).byId.has(feedback.id)).toBe(false);
    }
    isDone = true;
    await Promise.all(traffic);
  });

  it("are asked for once per lease, however many requests come", async () => {
    const { db, reads } = watched(database.db);
    let elapsedMs = 0;
    const follower = createLabelFollower({ db, engine, logger: silentLogger, elapsedMs: () => elapsedMs });
    await follower.current();
    const first = reads();
    await Promise.all(Array.from({ length: 100 }, () => follower.current()));
    expect(reads()).toBe(first);
    elapsedMs = 51;
    await Promise.all(Array.from({ length: 100 }, () => follower.current()));
    expect(reads()).toBe(first + 1);
  });

  it("go on counting while the database does not answer, and are caught up with when it does", async () => {
    const { give } = createLabeller(database.db, rulesOnly);
    const { feedback: before } = await give(odd("a stoat in the lift"), "crash", "a");
    const { db, fail } = watched(database.db);
    let elapsedMs = 0;
    const follower = createLabelFollower({ db, engine, logger: silentLogger, elapsedMs: () => elapsedMs });
    await follower.current();
    fail(true);
    const { feedback: meanwhile } = await give(odd("a heron on the roof"), "crash", "a");
    elapsedMs += 60;
    const during = await follower.current();
    expect([during.byId.has(before.id), during.byId.has(meanwhile.id)]).toEqual([true, false]);
    fail(false);
    expect((await follower.current()).byId.has(meanwhile.id)).toBe(true);
  });
});
