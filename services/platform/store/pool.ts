/** Connections to PostgreSQL as every part of the program makes them. */
import pg from "pg";
import type { Logger } from "../logger.ts";

/** int8 as a JavaScript number: every bigint of the schema is a time in ms or a count, far below 2^53. */
export function connectionSettings(url: string, applicationName: string): pg.ClientConfig {
  const parsers = new pg.TypeOverrides();
  parsers.setTypeParser(pg.types.builtins.INT8, Number);
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: parsers,
  };
}

/** A process that freezes within a transaction, or whose machine is gone without a word, keeps its locks, and everybody else waits for
 *  them: so long, and no longer. Our transactions think for milliseconds between two queries. */
const IDLE_IN_TRANSACTION_LIMIT_MS = 30_000;

export function createPool(connection: pg.ClientConfig, maxConnections: number, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...connection,
    max: maxConnections,
    idleTimeoutMillis: 60_000,
    // Not as a parameter of the connection: poolers such as PgBouncer refuse those that they do not know. The pool waits for it.
    onConnect: async (client) => {
      await client.query(`set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_LIMIT_MS}`);
    },
  });
  // An idle connection that breaks is replaced on the next query; without a listener it would end the process.
  pool.on("error", (error) => {
    if (!pool.ending) logger.warn({ err: error }, "an idle database connection was lost");
  });
  // The pool listens to idle connections only. One that breaks while it is lent out tells its query, but between two queries of a
  // transaction there is none: then the next one fails, and whoever borrowed it gives it back for good.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** The pool of a library that brings its own tables: they live in a schema of their own.
 *  @param schema a plain lower-case identifier */
export function createSchemaPool(url: string, schema: string, maxConnections: number, logger: Logger): pg.Pool {
  const connection = connectionSettings(url, `harbinger ${schema}`);
  return createPool({ ...connection, options: `-c search_path=${schema}` }, maxConnections, logger);
}
