/** More jobs wait than HARBINGER_MAX_QUEUED_JOBS allows: senders are told to come back, by every receiver, until workers have caught up. */
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
const MAX_QUEUED_JOBS = 20;
/** far beyond the gate, however late a receiver looks at the queue */
const MANY = 1_000;

describe.skipIf(!hasRedisServer())("more jobs than may wait (skipped without a redis-server)", () => {
  let redis: RedisServer;
  let database: { url: string; drop(): Promise<void> };
  let cluster: Cluster;

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    redis = await startRedisServer();
    database = await createEmptyDatabase();
    cluster = await startCluster(["receiver", "receiver"], {
      ...{ DATABASE_URL: database.url, REDIS_URL: redis.url },
      HARBINGER_MAX_QUEUED_JOBS: String(MAX_QUEUED_JOBS),
    });
  });
  afterAll(async () => {
    await cluster?.dispose();
    await redis?.dispose();
    await database?.drop();
  });

  it("are not taken: 429 and Retry-After, until the queue has been worked off", async () => {
    const load = otlpLoad({ seed: SEED, fleet: "shop", services: 5, fromMs: Date.now() - 3_600_000, stepMs: 500 });
    const { account, deliver } = createExporter({
      ...{ urls: () => cluster.otlpUrls(), senders: 4, pauseMs: 10, random: seeded(SEED) },
    });
    const isOver = new AbortController();
    const delivered = deliver(load, isOver.signal);
    const isRefused = eventually(
      () => ({ refused: account.answers.get(429) ?? 0, taken: account.acknowledged.length }),
      ({ refused, taken }) => refused >= 8 || taken > MANY,
      { what: "senders being told to come back" },
    );
    await Promise.race([isRefused, delivered]);
    const takenBefore = account.acknowledged.length;
    if (account.answers.get(429) === undefined) isOver.abort();
    expect(account.answers.get(429) ?? 0, `${takenBefore} requests were taken and none refused`).toBeGreaterThan(0);

    await cluster.add("features");
    const isTaken = eventually(
      () => account.acknowledged.length,
      (count) => count > takenBefore + 2 * MAX_QUEUED_JOBS,
      { what: "requests being taken again" },
    );
    await Promise.race([isTaken, delivered]);
    isOver.abort();
    await delivered;

    const [page = ""] = cluster.apiUrls("features");
    expectBalance(await settled(database.url, () => page, account.acknowledged), account);
    expect([...account.answers.keys()].sort()).toEqual([200, 429]);
    expect(account.withoutRetryAfter).toBe(0);
  }, 240_000);
});
