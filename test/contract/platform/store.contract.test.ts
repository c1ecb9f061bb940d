/** What the store needs of a PostgreSQL server, on the embedded one and on one from elsewhere. */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { assertServerVersion, type DatabaseHandle, openDatabase } from "../../../services/platform/store/database.ts";
import { type Migration, migrate } from "../../../services/platform/store/migrate.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const EXTERNAL = process.env.HARBINGER_TEST_POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";
const MIGRATION_FILES = readdirSync(new URL("../../../services/platform/store/migrations/", import.meta.url))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();
const externalAnswers = await answers(EXTERNAL);

describe.each([
  { server: "the embedded PostgreSQL", url: () => inject("databaseServerUrl"), isThere: true },
  { server: "an external PostgreSQL", url: () => EXTERNAL, isThere: externalAnswers },
])("the store on $server", ({ url, isThere }) => {
  if (!isThere) {
    test.skip("skipped: no PostgreSQL lets us in at HARBINGER_TEST_POSTGRES_URL or 127.0.0.1:5432", () => {});
    return;
  }
  // Not a clone of the tests' template: that would stay behind on a server that is not ours.
  let empty: { url: string; drop(): Promise<void> };
  let database: DatabaseHandle;
  beforeAll(async () => {
    empty = await createEmptyDatabase(url());
    database = await open(empty.url);
    await migrate(database.db, 0);
  });
  afterAll(async () => {
    await database.close();
    await empty.drop();
  });

  test("has the whole schema, and migrating again does nothing", async () => {
    expect(await migrate(database.db, 0)).toEqual([]);
    const { rows } = await sql<{ name: string }>`select name from schema_migrations order by name`.execute(database.db);
    expect(rows.map(({ name }) => name)).toEqual(MIGRATION_FILES);
  });

  test("reads bigint columns as numbers", async () => {
    const { rows } = await sql`select 1795474264123::bigint as ms, count(*) as count from schema_migrations`.execute(
      database.db,
    );
    expect(rows[0]).toEqual({ ms: 1_795_474_264_123, count: MIGRATION_FILES.length });
  });

  test("hands notifications to every handler of their channel and to no other", async () => {
    const heard: string[] = [];
    const stopFirst = await database.listen("harbinger_test_a", (payload) => heard.push(`first ${payload}`));
    await database.listen("harbinger_test_a", (payload) => heard.push(`second ${payload}`));
    await database.listen("harbinger_test_b", (payload) => heard.push(`other ${payload}`));
    await sql`select pg_notify('harbinger_test_a', 'hello')`.execute(database.db);
    await eventually(() => expect(heard.sort()).toEqual(["first hello", "second hello"]));
    await stopFirst();
    heard.length = 0;
    await sql`select pg_notify('harbinger_test_a', 'again')`.execute(database.db);
    await eventually(() => expect(heard).toEqual(["second again"]));
  });

  test("listens again after its connection was cut, and says that something may have been missed", async () => {
    const heard: string[] = [];
    await database.listen("harbinger_test_c", (payload) => heard.push(payload));
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`.execute(database.db);
    await eventually(() => expect(heard).toEqual([""]));
    await sql`select pg_notify('harbinger_test_c', 'back')`.execute(database.db);
    await eventually(() => expect(heard).toEqual(["", "back"]));
  });

  test("processes that start at once migrate once", async () => {
    const empty = await createEmptyDatabase(url());
    try {
      let runs = 0;
      const migrations: Migration[] = ["0001-a", "0002-b"].map((name) => ({
        name,
        up: async (db: Kysely<unknown>) => {
          runs += 1;
          await sql`create table ${sql.table(`table_${name.slice(0, 4)}`)} (id int)`.execute(db);
          await sql`select pg_sleep(0.05)`.execute(db);
        },
      }));
      const handles = await Promise.all(Array.from({ length: 5 }, () => open(empty.url)));
      const applied = await Promise.all(handles.map(({ db }) => migrate(db, 0, migrations)));
      expect(runs).toBe(2);
      expect(applied.filter((names) => names.length > 0)).toEqual([["0001-a", "0002-b"]]);
      await Promise.all(handles.map((handle) => handle.close()));
    } finally {
      await empty.drop();
    }
  });

  test("a migration that fails leaves no trace of itself or of those before it", async () => {
    const empty = await createEmptyDatabase(url());
    const handle = await open(empty.url);
    try {
      const good: Migration = {
        name: "0001-good",
        up: async (db) => void (await sql`create table good (id int)`.execute(db)),
      };
      const bad: Migration = {
        name: "0002-bad",
        up: async (db) => void (await sql`create table good (id int)`.execute(db)),
      };
      await expect(migrate(handle.db, 0, [good, bad])).rejects.toThrow(/already exists/);
      expect(await migrate(handle.db, 0, [good])).toEqual(["0001-good"]);
    } finally {
      await handle.close();
      await empty.drop();
    }
  });

  test("a database of a newer release is refused by name", async () => {
    const empty = await createEmptyDatabase(url());
    const handle = await open(empty.url);
    try {
      const future: Migration = { name: "9999-future", up: async () => {} };
      await migrate(handle.db, 0, [future]);
      await expect(migrate(handle.db, 0)).rejects.toMatchObject({
        code: "CONFLICT",
        message: expect.stringContaining("9999-future"),
      });
    } finally {
      await handle.close();
      await empty.drop();
    }
  });

  test("a wrong password is bad configuration, and is not repeated in the message", async () => {
    const wrong = new URL(empty.url);
    wrong.username = "nobody_of_that_name";
    wrong.password = "hunter2";
    const attempt = open(wrong.href);
    await expect(attempt).rejects.toMatchObject({ code: "INVALID_CONFIG" });
    await expect(attempt).rejects.not.toThrow(/hunter2/);
  });
});

test("a server that is not there is unavailable, with its address and without the password", async () => {
  const attempt = open("postgres://user:hunter2@127.0.0.1:1/db");
  await expect(attempt).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("127.0.0.1:1/db"),
  });
  await expect(attempt).rejects.not.toThrow(/hunter2/);
});

test("a server that is too old is refused with both versions", () => {
  expect(() => assertServerVersion(130_012, "13.12")).toThrow(/13\.12.*14 or newer/);
  expect(() => assertServerVersion(140_000, "14.0")).not.toThrow();
});

const open = (url: string) => openDatabase({ url, maxConnections: 2, applicationName: "test", logger: silentLogger });

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function eventually(assertion: () => void): Promise<void> {
  for (let left = 200; ; left -= 1) {
    try {
      assertion();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(25);
    }
  }
}
