/** Tells an outage of the database or the queue (try again later) from a bug (never try again). */
import { HarbingerError } from "../errors.ts";

/** Errors of Node's sockets: the server cannot be reached, or went away. */
const SOCKET_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ECONNABORTED",
]);

/** SQLSTATE classes that another attempt can cure (PostgreSQL manual, appendix A): 08 connection exceptions, 40 transaction rollback
 *  (deadlock, serialization), 53 insufficient resources, 57 operator intervention (shutdown, crash, statement timeout), 55P03 lock, 25P03 idle for too long in a transaction. */
const SQLSTATE = /^(08...|40...|53...|57...|55P03|25006|25P03|58030)$/;

/** Messages of node-postgres, pg-pool and ioredis, which carry no code. */
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|connection is closed|client was closed|client has encountered a connection error|stream isn't writeable|max retries per request|command timed out|READONLY|LOADING|CLUSTERDOWN|OOM command not allowed|MASTERDOWN/i;

/** A HarbingerError as it is; an outage as UNAVAILABLE; anything else as BUG. The original is kept as `cause`. */
export function asHarbingerError(error: unknown): HarbingerError {
  if (error instanceof HarbingerError) return error;
  if (isOutage(error))
    return new HarbingerError("UNAVAILABLE", "storage is not available at the moment", { cause: error });
  return new HarbingerError("BUG", error instanceof Error ? error.message : String(error), { cause: error });
}

export function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return SOCKET_CODES.has(code) || SQLSTATE.test(code) || MESSAGES.test(error.message) || isOutage(error.cause);
}
