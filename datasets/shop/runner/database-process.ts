/** The shop's own PostgreSQL, in a process of its own so that a killed demo leaves none behind: it ends, and takes its data along, when
 *  the parent goes away. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../../../services/platform/database/embedded-postgres.ts";

const databases = process.argv.slice(2);
const dataFolder = await mkdtemp(join(tmpdir(), "shop-database-"));
const server = await startEmbeddedPostgres({
  dataFolder,
  logger: pino({ level: "silent" }),
  clock: { now: () => Date.now() },
});

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server.stop().catch(() => {});
  await rm(dataFolder, { recursive: true, force: true });
  process.exit(0);
}
process.once("disconnect", stop);
process.on("message", (message) => {
  if (message === "stop") void stop();
});

for (const database of databases) {
  await run(server.url, `create database ${pg.escapeIdentifier(database)}`);
  // Nothing here outlives the demo, so durability would only cost.
  await run(server.url, `alter database ${pg.escapeIdentifier(database)} set synchronous_commit = off`);
  await run(
    urlOf(database),
    `create table stock (sku text primary key, quantity integer not null);
     create table orders (
       id bigint generated always as identity primary key, placed_at timestamptz not null default now(),
       sku text not null references stock, quantity integer not null, amount numeric not null, currency text not null
     );
     insert into stock select 'sku-' || n, 1000000 from generate_series(1, 50) n;`,
  );
}
// "/" is the place of a database's name
process.send?.({ url: urlOf("").replace(/\/$/, "") });

function urlOf(database: string): string {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return url.href;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
