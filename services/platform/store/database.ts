/** The database handle that every room shares: a pool of connections, the query builder over it, and LISTEN. */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createListener, type Listen } from "./listen.ts";
import { isOutage } from "./outage.ts";
import { connectionSettings, createPool } from "./pool.ts";
import type { Schema } from "./schema.ts";

/** Also the type of a transaction on it: kysely's `Transaction` extends it. */
export type Database = Kysely<Schema>;

export interface DatabaseOptions {
  url: string;
  /** most connections of the pool; LISTEN takes one more */
  maxConnections: number;
  /** seen by the server's operator in pg_stat_activity */
  applicationName: string;
  logger: Logger;
  /** for tests; default 10 s for one attempt to connect, and 60 s for all of them */
  patience?: { attemptMs: number; totalMs: number };
}

export interface DatabaseHandle {
  db: Database;
  /** Calls `handler` with each payload sent to `channel` by `select pg_notify(channel, payload)`. After a lost connection it
   *  subscribes again and calls the handler once with an empty payload, since notifications may have been missed.
   *  @returns a function that ends the subscription */
  listen: Listen;
  close(): Promise<void>;
}

/** PostgreSQL 14 is the oldest release that the project's SQL is written for. */
const MINIMUM_SERVER_VERSION = 140_000;

const PATIENCE = { attemptMs: 10_000, totalMs: 60_000 };
const PAUSE_MS = 500;

/** Opens the pool and proves that the server answers and is new enough. One that is slow to answer, or still starting, is given some time;
 *  one that refuses is not.
 *  @throws UNAVAILABLE when the server cannot be reached, INVALID_CONFIG when it refuses us or is too old */
export async function openDatabase(options: DatabaseOptions): Promise<DatabaseHandle> {
  const patience = options.patience ?? PATIENCE;
  const settings = connectionSettings(options.url, options.applicationName);
  const connection = { ...settings, connectionTimeoutMillis: patience.attemptMs };
  const pool = createPool(connection, options.maxConnections, options.logger);
  try {
    const { num, text } = await serverVersion(pool, patience.totalMs, options.logger);
    assertServerVersion(Number(num), text);
  } catch (error) {
    await pool.end();
    throw explainConnectionFailure(error, options.url);
  }
  const db: Database = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const listener = createListener(connection, options.logger);
  return {
    db,
    listen: listener.listen,
    close: async () => {
      await listener.close();
      await db.destroy();
    },
  };
}

async function serverVersion(pool: pg.Pool, totalMs: number, logger: Logger): Promise<{ num: string; text: string }> {
  const startedMs = performance.now();
  while (true) {
    try {
      const { rows } = await pool.query<{ num: string; text: string }>(
        "select current_setting('server_version_num') as num, current_setting('server_version') as text",
      );
      return rows[0] ?? { num: "", text: "unknown" };
    } catch (error) {
      const waitedMs = Math.round(performance.now() - startedMs);
      if (!mayAnswerSoon(error) || waitedMs >= totalMs) throw error;
      logger.warn({ err: error, waitedMs, givesUpAfterMs: totalMs }, "PostgreSQL does not answer yet; trying again");
      await sleep(PAUSE_MS);
    }
  }
}

/** Nothing came back in time, or the server says that it is still starting (cannot_connect_now). */
function mayAnswerSoon(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "ETIMEDOUT" || code === "57P03" || /timeout/i.test(error.message);
}

/** @throws INVALID_CONFIG */
export function assertServerVersion(versionNumber: number, versionText: string): void {
  if (versionNumber >= MINIMUM_SERVER_VERSION) return;
  throw new HarbingerError(
    "INVALID_CONFIG",
    `the PostgreSQL server is version ${versionText}, Harbinger needs ${Math.floor(MINIMUM_SERVER_VERSION / 10_000)} or newer`,
  );
}

function explainConnectionFailure(error: unknown, url: string): HarbingerError {
  if (error instanceof HarbingerError) return error;
  const target = describeTarget(url);
  const reason = error instanceof Error ? error.message || String(error.cause ?? error.name) : String(error);
  if (isOutage(error))
    return new HarbingerError("UNAVAILABLE", `cannot reach PostgreSQL at ${target}: ${reason}`, { cause: error });
  return new HarbingerError("INVALID_CONFIG", `PostgreSQL at ${target} refuses the connection: ${reason}`, {
    cause: error,
  });
}

/** Host, port and database without the credentials. */
function describeTarget(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed === undefined ? "DATABASE_URL" : `${parsed.host || "localhost"}${parsed.pathname}`;
}
