/** Nobody takes jobs from the queue until Redis has no memory left: senders are told to come back, nothing is lost, and all goes on
 *  by itself as soon as somebody works again. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../helpers/cluster.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { hasRedisServer, type RedisServer, startRedisServer } from "../../helpers/redis-server.ts";
import { expectRefusalUntilWorked } from "./refusal.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
/** memory that is not the queue's, so that the tenth that is kept for workers is a size as in life */
const FILLER_BYTES = 20 * 1024 * 1024;
const ROOM_BYTES = 1024 * 1024;
/** far more than there is room for */
const MANY = 10_000;

describe.skipIf(!hasRedisServer())("a Redis without memory (skipped without a redis-server)", () => {
  let redis: RedisServer;
  let database: { url: string; drop(): Promise<void> };
  let cluster: Cluster;

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    redis = await startRedisServer();
    database = await createEmptyDatabase();
    cluster = await startCluster(["receiver", "receiver"], { DATABASE_URL: database.url, REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await cluster?.dispose();
    await redis?.dispose();
    await database?.drop();
  });

  it("makes senders come back, and is emptied once there is a worker", async () => {
    await redis.command("SETRANGE", "filler", String(FILLER_BYTES), "x");
    const used = Number(/^used_memory:(\d+)/m.exec(String(await redis.command("INFO", "memory")))?.[1]);
    await redis.command("CONFIG", "SET", "maxmemory", String(Math.round((used + ROOM_BYTES) / 0.9)));

    const load = otlpLoad({ seed: SEED, fleet: "shop", services: 5, fromMs: Date.now() - 3_600_000, stepMs: 500 });
    await expectRefusalUntilWorked(cluster, {
      ...{ databaseUrl: database.url, load, seed: SEED, senders: 8 },
      ...{ status: 503, refusals: 16, most: MANY, taken: 50 },
    });
    for (const { process } of cluster.members) expect(process.child.exitCode, process.output()).toBe(null);
  }, 240_000);
});
