/** Nobody takes jobs from the queue until Redis has no memory left: senders are told to come back, nothing is lost, and all goes on
 *  by itself as soon as somebody works again. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, eventually, startCluster } from "../../helpers/cluster.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { createExporter } from "../../helpers/otlp-exporter.ts";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { seeded } from "../../helpers/otlp-payloads.ts";
import { hasRedisServer, type RedisServer, startRedisServer } from "../../helpers/redis-server.ts";
import { expectBalance, settled } from "./settle.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
/** memory that is not the queue's, so that the tenth that is kept for workers is a size as in life */
const FILLER_BYTES = 20 * 1024 * 1024;
const ROOM_BYTES = 1024 * 1024;

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
    const { account, deliver } = createExporter({
      ...{ urls: () => cluster.otlpUrls(), senders: 8, random: seeded(SEED) },
    });
    const isOver = new AbortController();
    const delivered = deliver(load, isOver.signal);
    const isRefused = eventually(
      () => account.answers.get(503) ?? 0,
      (count) => count >= 16,
      { what: "senders being told to come back" },
    );
    await Promise.race([isRefused, delivered]);
    const takenBefore = account.acknowledged.length;
    expect(takenBefore).toBeGreaterThan(20);

    await cluster.add("features");
    // The senders that were refused get through, and so do others.
    const isTaken = eventually(
      () => account.acknowledged.length,
      (count) => count > takenBefore + 50,
      { what: "requests being taken again" },
    );
    await Promise.race([isTaken, delivered]);
    isOver.abort();
    await delivered;

    const [page = ""] = cluster.apiUrls("features");
    expectBalance(await settled(database.url, () => page, account.acknowledged), account);
    expect([...account.answers.keys()].sort()).toEqual([200, 503]);
    expect(account.withoutRetryAfter).toBe(0);
    for (const { process } of cluster.members) expect(process.child.exitCode, process.output()).toBe(null);
  }, 240_000);
});
