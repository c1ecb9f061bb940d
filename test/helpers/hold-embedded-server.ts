/** Program for tests: starts the embedded server on a folder, notes one row, says so, and waits to be killed. */
import pg from "pg";
import { systemClock } from "../../services/platform/clock.ts";
import { startEmbeddedPostgres } from "../../services/platform/database/embedded-postgres.ts";
import { silentLogger } from "./silent-logger.ts";

const server = await startEmbeddedPostgres({
  dataFolder: process.argv[2] ?? "",
  clock: systemClock,
  logger: silentLogger,
});
const client = new pg.Client(server.url);
client.on("error", () => {});
await client.connect();
await client.query("create table if not exists notes (id serial primary key)");
await client.query("insert into notes default values");
console.log(`ready ${server.pid()}`);
setInterval(() => {}, 60_000);
