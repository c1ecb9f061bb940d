/** Says whether what a process has read about the present still holds, so that it can answer from memory.
 *
 *  Writers are heard through the triggers of migration 0007, each on one topic. That hearing still works is not assumed: every second
 *  this process sends itself a notification through the pool. Whatever was committed before one that came back has been heard, so
 *  what is kept is never older than `MAX_SILENCE_MS`; while none comes back (a lost connection, a pooler that swallows LISTEN, a
 *  blocked event loop), nothing is kept and every answer reads the store. */
import { performance } from "node:perf_hooks";
import { sql } from "kysely";
import type { NewId } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Database } from "./database.ts";
import type { Listen } from "./listen.ts";

/** Which services there are, or what is known of their risk: closed windows, vectors, incidents, feedback. */
type KnownTopic = "services" | "risk";

export interface KnownChanges {
  /** A number that grows with every change. What was read after asking for it holds for as long as it stays.
   *  @returns null when that cannot be told just now: then nothing may be kept */
  edition(topic: KnownTopic): number | null;
  /** This process changed something itself and need not wait to be told. */
  changed(): void;
  close(): Promise<void>;
}

export interface KnownChangesDeps {
  db: Database;
  listen: Listen;
  newId: NewId;
  logger: Logger;
  /** default 1 000 */
  heartbeatMs?: number;
}

const CHANNEL = "harbinger_known";
const HEARTBEAT_MS = 1_000;
/** Silence, in heartbeats, after which hearing counts as lost. */
const MISSED_HEARTBEATS = 3;

/** Resolves when notifications are listened to; a store that does not answer just now delays only that. */
export async function createKnownChanges(deps: KnownChangesDeps): Promise<KnownChanges> {
  const { db, listen, logger, heartbeatMs = HEARTBEAT_MS } = deps;
  const self = deps.newId();
  const editions: Record<KnownTopic, number> = { services: 0, risk: 0 };
  /** when the newest heartbeat that came back was sent */
  let heardThroughMs = Number.NEGATIVE_INFINITY;
  let sent: { beat: number; atMs: number } = { beat: 0, atMs: 0 };

  const changed = (): void => {
    editions.services += 1;
    editions.risk += 1;
  };

  const hear = (payload: string): void => {
    if (payload === "services" || payload === "risk") {
      editions[payload] += 1;
    } else if (payload === "") {
      // The connection was lost and made again: anything may have happened meanwhile.
      heardThroughMs = Number.NEGATIVE_INFINITY;
      changed();
    } else if (payload === `${self} ${sent.beat}`) {
      heardThroughMs = sent.atMs;
    }
  };

  const beat = async (): Promise<void> => {
    sent = { beat: sent.beat + 1, atMs: performance.now() };
    await sql`select pg_notify(${CHANNEL}, ${`${self} ${sent.beat}`})`.execute(db);
  };
  const beatQuietly = (): void => {
    beat().catch((error: unknown) => logger.debug({ err: error }, "the store does not take a heartbeat"));
  };

  const stopListening = await listen(CHANNEL, hear);
  beatQuietly();
  const timer = setInterval(beatQuietly, heartbeatMs);
  timer.unref();

  return {
    edition: (topic) =>
      performance.now() - heardThroughMs <= heartbeatMs * MISSED_HEARTBEATS ? editions[topic] : null,
    changed,
    close: async () => {
      clearInterval(timer);
      await stopListening();
    },
  };
}
