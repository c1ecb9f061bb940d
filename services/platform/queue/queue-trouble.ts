/** Tells the log what BullMQ reports outside of any call: once a minute for each message, since every queue and worker repeats it with
 *  each try. A lost connection is left to the connection's own listener; a server that answers and refuses has nobody else to tell of it. */
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { isOutage } from "../store/outage.ts";

const SAID_AGAIN_MS = 60_000;
/** So many different messages are told apart; then it starts over. */
const MOST_MESSAGES = 100;

/** @param queue its name */
export function createTroubleLog(queue: string, logger: Logger, clock: Clock): (error: Error) => void {
  const saidAtMs = new Map<string, number>();
  return (error) => {
    if (isOutage(error) && !isRefusal(error)) return;
    const nowMs = clock.now();
    const lastMs = saidAtMs.get(error.message);
    if (lastMs !== undefined && nowMs - lastMs < SAID_AGAIN_MS) return;
    if (saidAtMs.size >= MOST_MESSAGES) saidAtMs.clear();
    saidAtMs.set(error.message, nowMs);
    logger.warn({ err: error, queue }, "trouble in the queue");
  };
}

/** Redis answered with an error, such as OOM or READONLY; or PostgreSQL said that it lacks a resource (SQLSTATE class 53), such as disk. */
function isRefusal(error: Error): boolean {
  return error.name === "ReplyError" || ("code" in error && /^53...$/.test(String(error.code)));
}
