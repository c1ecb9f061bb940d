/** Queues for tests, on either backend, that leave nothing behind. */
import { randomUUID } from "node:crypto";
import { type Meter, metrics } from "@opentelemetry/api";
import { Redis } from "ioredis";
import { newUuid, systemClock } from "../../services/platform/clock.ts";
import { openQueues, type Queues } from "../../services/platform/queue/queues.ts";
import { silentLogger } from "./silent-logger.ts";

export interface TestQueues {
  queues: Queues;
  /** closes the queues and removes their keys from a shared Redis */
  dispose(): Promise<void>;
}

/** @param redisUrl absent: the queues live in the database */
export async function openTestQueues(
  databaseUrl: string,
  redisUrl?: string,
  telemetry: { meter?: Meter; traced?: boolean } = {},
): Promise<TestQueues> {
  const prefix = `harbinger-test-${randomUUID()}`;
  const queues = await openQueues({
    databaseUrl,
    ...(redisUrl !== undefined && { redisUrl, redisPrefix: prefix }),
    maxConnections: 8,
    newId: newUuid,
    clock: systemClock,
    logger: silentLogger,
    meter: telemetry.meter ?? metrics.getMeter("test"),
    traced: telemetry.traced ?? false,
  });
  return {
    queues,
    dispose: async () => {
      await queues.close();
      if (redisUrl !== undefined) await removeKeys(redisUrl, prefix);
    },
  };
}

/** The Redis that tests may use, or null when none answers. With HARBINGER_TEST_REQUIRE=redis a missing one is a failure. */
export async function findTestRedis(): Promise<string | null> {
  const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
    return url;
  } catch (error) {
    if ((process.env.HARBINGER_TEST_REQUIRE ?? "").split(",").includes("redis")) {
      throw new Error(`HARBINGER_TEST_REQUIRE names redis, and none answers at ${new URL(url).host}`, { cause: error });
    }
    return null;
  } finally {
    client.disconnect();
  }
}

export async function removeKeys(redisUrl: string, prefix: string): Promise<void> {
  const client = new Redis(redisUrl);
  try {
    for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 500 })) {
      if (Array.isArray(keys) && keys.length > 0) await client.unlink(...keys.map(String));
    }
  } finally {
    await client.quit();
  }
}
