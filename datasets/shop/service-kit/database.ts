/** A service's own small connection pool. */
import pg from "pg";
import { ShopError } from "./shop-error.ts";
import type { ServiceParts } from "./start-service.ts";
import { slownessNow } from "./weaknesses.ts";

const POOL_SIZE = 8;
const WAIT_FOR_CONNECTION_MS = 400;
const STATEMENT_TIMEOUT_MS = 600;
/** What a transaction waits for the disk of a database that, unlike this one, does not fit into memory. */
const DISK_MS = 120;

export interface ShopDatabase {
  /** Runs `work` on one connection, in a transaction. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
}

export function openDatabase({ log, weaknesses, onHealed }: ServiceParts): ShopDatabase {
  const url = new URL(process.env.SHOP_DATABASE_URL ?? "postgres://127.0.0.1");
  // in parts rather than as one string: the pool's metrics are named after them
  const pool = new pg.Pool({
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
    max: POOL_SIZE,
    connectionTimeoutMillis: WAIT_FOR_CONNECTION_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  pool.on("error", (error) => log.error({ err: error }, "an idle database connection broke"));
  const leaked: pg.PoolClient[] = [];
  onHealed(() => {
    for (const client of leaked.splice(0)) client.release();
  });
  let taken = 0;

  return {
    async transaction(work) {
      const client = await pool.connect().catch((cause: unknown) => {
        throw new ShopError("ConnectionPoolExhaustedError", 503, "no database connection was free in time", cause);
      });
      taken += 1;
      const forgotten = weaknesses.leaksEveryNthConnection > 0 && taken % weaknesses.leaksEveryNthConnection === 0;
      try {
        await client.query("begin");
        await waitForDisk(client, DISK_MS + slownessNow(weaknesses));
        const result = await work(client);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => {});
        throw error;
      } finally {
        if (forgotten) leaked.push(client);
        else client.release();
      }
    },
  };
}

/** A disk is slow inside the server: the connection is held meanwhile, and the statement timeout applies. */
async function waitForDisk(client: pg.PoolClient, ms: number): Promise<void> {
  await client.query("select pg_sleep($1)", [ms / 1000]);
}
