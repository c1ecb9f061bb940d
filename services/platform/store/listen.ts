/** LISTEN/NOTIFY on one connection of its own, made when the first channel is asked for and made again when it is lost. */
import pg from "pg";
import type { Logger } from "../logger.ts";

export type Listen = (channel: string, handler: (payload: string) => void) => Promise<() => Promise<void>>;

export interface Listener {
  listen: Listen;
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 10_000;

export function createListener(connection: pg.ClientConfig, logger: Logger): Listener {
  const handlers = new Map<string, Set<(payload: string) => void>>();
  let client: Promise<pg.Client> | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const dispatch = (channel: string, payload: string) => {
    for (const handler of handlers.get(channel) ?? []) {
      try {
        handler(payload);
      } catch (error) {
        logger.error({ err: error, channel }, "a notification handler failed");
      }
    }
  };

  const connect = async (): Promise<pg.Client> => {
    const next = new pg.Client(connection);
    next.on("notification", ({ channel, payload }) => dispatch(channel, payload ?? ""));
    next.on("error", (error) => logger.warn({ err: error }, "the notification connection was lost"));
    next.once("end", () => {
      client = undefined;
      if (!closed && handlers.size > 0) reconnect(FIRST_RETRY_MS);
    });
    await next.connect();
    for (const channel of handlers.keys()) await next.query(`listen ${pg.escapeIdentifier(channel)}`);
    return next;
  };

  const connected = (): Promise<pg.Client> => {
    if (client === undefined) {
      const attempt = connect();
      client = attempt;
      attempt.catch(() => {
        if (client === attempt) client = undefined;
      });
    }
    return client;
  };

  const reconnect = (delayMs: number) => {
    clearTimeout(retry);
    retry = setTimeout(async () => {
      try {
        await connected();
        // Whatever was sent while we were away is lost: one empty payload tells the handler to look for itself.
        for (const channel of handlers.keys()) dispatch(channel, "");
      } catch {
        if (!closed) reconnect(Math.min(LONGEST_RETRY_MS, delayMs * 2));
      }
    }, delayMs);
    retry.unref();
  };

  return {
    listen: async (channel, handler) => {
      const present = handlers.get(channel) ?? new Set();
      handlers.set(channel, present.add(handler));
      await (await connected()).query(`listen ${pg.escapeIdentifier(channel)}`);
      return async () => {
        present.delete(handler);
        if (present.size > 0 || handlers.get(channel) !== present) return;
        handlers.delete(channel);
        if (!closed && client !== undefined) await (await client).query(`unlisten ${pg.escapeIdentifier(channel)}`);
      };
    },
    close: async () => {
      closed = true;
      clearTimeout(retry);
      handlers.clear();
      const open = await client?.catch(() => undefined);
      await open?.end();
    },
  };
}
