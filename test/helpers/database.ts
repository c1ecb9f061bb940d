/** A database per test file: the schema is migrated once into a template, and each file gets a clone of it. */
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { inject } from "vitest";
import { type DatabaseHandle, openDatabase } from "../../services/platform/store/database.ts";
import { migrate } from "../../services/platform/store/migrate.ts";
import { silentLogger } from "./silent-logger.ts";

export interface TestDatabase extends DatabaseHandle {
  url: string;
  /** closes the handle and removes the database, whoever is still connected */
  drop(): Promise<void>;
}

/** Call in beforeAll, and `drop` in afterAll. Nothing in it is shared with any other file. */
export async function createTestDatabase(serverUrl = inject("databaseServerUrl")): Promise<TestDatabase> {
  const template = await ensureTemplate(serverUrl);
  const empty = await createEmptyDatabase(serverUrl, template);
  const handle = await openDatabase({
    url: empty.url,
    maxConnections: 8,
    applicationName: "test",
    logger: silentLogger,
  });
  return {
    ...handle,
    url: empty.url,
    drop: async () => {
      await handle.close();
      await empty.drop();
    },
  };
}

/** A database without our schema, for what is about the schema itself or does not need it. */
export async function createEmptyDatabase(
  serverUrl = inject("databaseServerUrl"),
  template = "template0",
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `harbinger_test_${randomUUID().replaceAll("-", "")}`;
  await asAdministrator(serverUrl, (client) => client.query(`create database ${name} template ${template}`));
  return {
    url: urlOf(serverUrl, name),
    drop: () =>
      asAdministrator(serverUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

/** The template's name tells the migrations it was made by, so that on a lasting server an edited migration makes a new one. */
async function ensureTemplate(serverUrl: string): Promise<string> {
  const name = `harbinger_template_${await hashMigrations()}`;
  await asAdministrator(serverUrl, async (client) => {
    await client.query("select pg_advisory_lock(hashtext('harbinger test template'))");
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount !== 0) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft} template template0`);
    const handle = await openDatabase({
      url: urlOf(serverUrl, draft),
      maxConnections: 1,
      applicationName: "test template",
      logger: silentLogger,
    });
    try {
      await migrate(handle.db, Date.now());
    } finally {
      await handle.close();
    }
    // A backend may need a moment to go; renaming and cloning need the database to themselves.
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [draft]);
    await client.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

async function hashMigrations(): Promise<string> {
  const folder = new URL("../../services/platform/store/migrations/", import.meta.url);
  const hash = createHash("sha256");
  for (const file of (await readdir(folder)).sort()) hash.update(await readFile(new URL(file, folder)));
  return hash.digest("hex").slice(0, 16);
}

async function asAdministrator<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
