/** The database handle that every room shares: a pool of connections, the query builder over it, and LISTEN. */
import { Kysely, PostgresDialect } from "kysely";
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

/** Opens the pool and proves that the server answers and is new enough.
 *  @throws UNAVAILABLE when the server cannot be reached, INVALID_CONFIG when it refuses us or is too old */
export async function openDatabase(options: DatabaseOptions): Promise<DatabaseHandle> {
  const connection = connectionSettings(options.url, options.applicationName);
  const pool = createPool(connection, options.maxConnections, options.logger);
  try {
    const { rows } = await pool.query<{ num: string; text: string }>(
      "select current_setting('server_version_num') as num, current_setting('server_version') as text",
    );
    assertServerVersion(Number(rows[0]?.num), rows[0]?.text ?? "unknown");
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
