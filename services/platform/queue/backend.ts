/** Where BullMQ keeps its jobs: in PostgreSQL, or in Redis. */
import {
  type BackendFactory,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  runMigrations,
} from "bullmq";
import { Redis } from "ioredis";
import { HarbingerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { isOutage } from "../store/outage.ts";
import { createSchemaPool } from "../store/pool.ts";
import { createRoomCheck } from "./redis-room.ts";

export interface QueueBackend {
  kind: "postgres" | "redis";
  /** BullMQ's connection option for the side that adds jobs, and for the side that waits for them */
  producerConnection: object;
  workerConnection: object;
  factory: BackendFactory<IQueueBackend, object>;
  /** keyspace on a shared Redis; PostgreSQL has its schema instead */
  prefix: string;
  /** throws UNAVAILABLE when another job would leave the workers no room to work in */
  assertRoom(): Promise<void>;
  close(): Promise<void>;
}

const SCHEMA = "bullmq";
const CONNECT_TIMEOUT_MS = 10_000;

/** @param maxConnections of the queues' own pool; each worker keeps one to wait on   @throws UNAVAILABLE */
export async function openPostgresBackend(url: string, maxConnections: number, logger: Logger): Promise<QueueBackend> {
  const pool = createSchemaPool(url, SCHEMA, maxConnections, logger);
  // Each queue and worker adds its own listener for lost connections.
  pool.setMaxListeners(50);
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client, SCHEMA);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw new HarbingerError("UNAVAILABLE", `the job queue cannot be set up: ${reasonOf(error)}`, { cause: error });
  }
  return {
    kind: "postgres",
    producerConnection: pool,
    workerConnection: pool,
    // The factory is typed for its own connection options; the queue classes hand it the pool above unchanged.
    factory: createPostgresBackend as unknown as BackendFactory<IQueueBackend, object>,
    prefix: "",
    assertRoom: async () => {},
    close: () => pool.end(),
  };
}

/** @throws UNAVAILABLE when it cannot be reached, INVALID_CONFIG when it refuses us */
export async function openRedisBackend(url: string, prefix: string, logger: Logger): Promise<QueueBackend> {
  // Adding fails fast, so that a sender is told to come back; waiting for jobs outlasts any outage.
  const producer = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  const consumer = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  for (const client of [producer, consumer])
    client.on("error", (error) => logger.warn({ err: error }, "Redis connection"));
  try {
    await Promise.all([producer.connect(), consumer.connect()]);
    await warnAboutSettings(producer, logger);
  } catch (error) {
    producer.disconnect();
    consumer.disconnect();
    const code = isOutage(error) ? "UNAVAILABLE" : "INVALID_CONFIG";
    throw new HarbingerError(code, `cannot use Redis at ${hostOf(url)}: ${reasonOf(error)}`, { cause: error });
  }
  return {
    kind: "redis",
    producerConnection: producer,
    workerConnection: consumer,
    factory: createRedisBackend as unknown as BackendFactory<IQueueBackend, object>,
    prefix,
    assertRoom: createRoomCheck(producer),
    close: async () => {
      await Promise.all([
        producer.quit().catch(() => producer.disconnect()),
        consumer.quit().catch(() => consumer.disconnect()),
      ]);
    },
  };
}

/** The settings without which Redis is a cache and not a store. Managed servers may not let us look. */
async function warnAboutSettings(client: Redis, logger: Logger): Promise<void> {
  const read = async (name: string) => {
    const reply: unknown = await client.config("GET", name).catch(() => undefined);
    return Array.isArray(reply) ? String(reply[1]) : undefined;
  };
  const appendOnly = await read("appendonly");
  if (appendOnly === "no") {
    logger.warn(
      "Redis runs without its append-only file: telemetry that was acknowledged can be lost when it stops; set `appendonly yes`",
    );
  } else if (appendOnly === undefined) {
    logger.info("Redis does not show its settings; make sure that it persists (append-only file) and never evicts");
  }
  const eviction = await read("maxmemory-policy");
  if (eviction !== undefined && eviction !== "noeviction") {
    logger.warn(
      { policy: eviction },
      "Redis may evict jobs when its memory is full; set `maxmemory-policy noeviction`",
    );
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "REDIS_URL";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
