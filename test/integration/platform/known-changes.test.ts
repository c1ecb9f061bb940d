import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newUuid } from "../../../services/platform/clock.ts";
import { setClosedThrough } from "../../../services/platform/store/clock-store.ts";
import { createKnownChanges, type KnownChanges } from "../../../services/platform/store/known-changes.ts";
import type { Listen } from "../../../services/platform/store/listen.ts";
import { createTestDatabase, type TestDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { seedService, seedVector } from "../inference/seed.ts";

let database: TestDatabase;
let changes: KnownChanges;
/** as a pooler in transaction mode does with LISTEN */
let swallowed = false;

const listen: Listen = (channel, handler) =>
  database.listen(channel, (payload) => {
    if (!swallowed) handler(payload);
  });

beforeAll(async () => {
  database = await createTestDatabase();
  changes = await createKnownChanges({
    db: database.db,
    listen,
    newId: newUuid,
    logger: silentLogger,
    heartbeatMs: 50,
  });
});
beforeEach(async () => {
  swallowed = false;
  await vi.waitFor(() => expect(changes.edition("risk")).not.toBeNull());
});
afterAll(async () => {
  await changes?.close();
  await database?.drop();
});

async function expectAnnounced(topic: "services" | "risk", write: () => Promise<unknown>): Promise<void> {
  const before = changes.edition(topic);
  await write();
  await vi.waitFor(() => expect(changes.edition(topic)).toBeGreaterThan(before ?? Number.NaN));
}

describe("changes to what is known", () => {
  it("are announced by whoever writes: a new service, a vector, a closed window, an incident", async () => {
    let serviceId = Number.NaN;
    await expectAnnounced("services", async () => {
      serviceId = await seedService(database.db, { name: "checkout" }, 0);
    });
    await expectAnnounced("risk", () => seedVector(database.db, serviceId, 60_000, 0.5));
    await expectAnnounced("risk", () => setClosedThrough(database.db, 60_000));
    await expectAnnounced("risk", () =>
      database.db
        .insertInto("incidents")
        .values({
          id: newUuid(),
          external_id: null,
          service_id: serviceId,
          start_ms: 0,
          end_ms: null,
          source: "test",
          title: "down",
          class: null,
          created_at_ms: 0,
        })
        .execute(),
    );
  });

  it("are not announced while a window only fills", async () => {
    await setClosedThrough(database.db, 120_000);
    await expectAnnounced("services", () => seedService(database.db, { name: "payment" }, 0));
    const before = changes.edition("risk");
    await database.db.updateTable("stream_clock").set({ max_event_ms: 130_000, closed_through_ms: 120_000 }).execute();
    // notifications arrive in order: once this one is heard, none is on its way any more
    await expectAnnounced("services", () => seedService(database.db, { name: "search" }, 0));
    expect(changes.edition("risk")).toBe(before);
  });

  it("made by this process count at once", () => {
    const before = changes.edition("risk") ?? Number.NaN;
    changes.changed();
    expect(changes.edition("risk")).toBe(before + 1);
  });

  it("cannot be told once nothing is heard any more, and can again afterwards", async () => {
    swallowed = true;
    await vi.waitFor(() => expect(changes.edition("risk")).toBeNull());
    swallowed = false;
    await vi.waitFor(() => expect(changes.edition("risk")).not.toBeNull());
  });

  it("count as having happened when the connection was lost", async () => {
    const before = changes.edition("services") ?? Number.NaN;
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'listen%'`.execute(database.db);
    await vi.waitFor(() => expect(changes.edition("services")).toBeGreaterThan(before), { timeout: 5_000 });
  });
});
