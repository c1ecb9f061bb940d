/** Redis and PostgreSQL end under load, in order and by SIGKILL, and come back: senders are told to come back meanwhile, everything
 *  recovers by itself, and what was acknowledged is counted once, as by a single process that nobody disturbs. */
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../services/platform/clock.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../services/platform/database/embedded-postgres.ts";
import { type Cluster, eventually, startCluster } from "../../helpers/cluster.ts";
import { createExporter, type Exporter } from "../../helpers/otlp-exporter.ts";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { seeded } from "../../helpers/otlp-payloads.ts";
import { hasRedisServer, type RedisServer, startRedisServer } from "../../helpers/redis-server.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";
import { readClosed, readCounts, readLedgerTable } from "../../helpers/telemetry-totals.ts";
import {
  expectApisAgree,
  expectBalance,
  expectSameRows,
  type Reference,
  settled,
  since,
  startReference,
  tick,
} from "./settle.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
const SERVICES = 5;
const MINUTE = 60_000;
/** Nothing is late and nothing closes before a tick of now: labels and vectors must then be the same, too. */
const WINDOWS = { HARBINGER_ALLOWED_LATENESS: "60m", HARBINGER_IDLE_TIMEOUT: "10h" };
const FROM_MS = Math.floor(Date.now() / MINUTE) * MINUTE - 90 * MINUTE;
const random = seeded(SEED);

describe.skipIf(!hasRedisServer())("outages under load (skipped without a redis-server)", () => {
  let folder: string;
  let redis: RedisServer;
  let postgres: EmbeddedPostgres;
  let cluster: Cluster;
  let reference: Reference | undefined;
  let exporter: Exporter;
  const load = otlpLoad({ seed: SEED, fleet: "shop", services: SERVICES, fromMs: FROM_MS, stepMs: 1_000 });

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    folder = await mkdtemp(join(tmpdir(), "harbinger-test-outages-"));
    redis = await startRedisServer();
    postgres = await startEmbeddedPostgres({ dataFolder: folder, clock: systemClock, logger: silentLogger });
    cluster = await startCluster(["receiver", "receiver", "features", "features", "inference", "inference"], {
      ...WINDOWS,
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
    });
    exporter = createExporter({
      ...{ urls: () => cluster.otlpUrls(), senders: 4, pauseMs: 20, resendRatio: 0.03, random },
    });
  });
  afterAll(async () => {
    await cluster?.dispose();
    await reference?.dispose();
    await redis?.dispose();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the outage amid load. @returns answers of that time by status */
  const underLoad = async (outage: () => Promise<void>): Promise<Map<number, number>> => {
    const before = new Map(exporter.account.answers);
    const isOver = new AbortController();
    const delivered = exporter.deliver(load, isOver.signal);
    // A refusal that nobody comes back from must end the test now.
    await Promise.race([sleep(500 + random() * 1_000).then(outage), delivered]);
    await Promise.race([sleep(500), delivered]);
    isOver.abort();
    await delivered;
    const answers = [...exporter.account.answers].map(([status, count]) => [status, count - (before.get(status) ?? 0)]);
    return new Map(answers.filter(([, count]) => count !== 0) as [number, number][]);
  };
  const expectAllAlive = () => {
    for (const { process } of cluster.members) expect(process.child.exitCode, process.output()).toBe(null);
  };
  const expectCounted = async () => {
    const { acknowledged } = exporter.account;
    const [api = ""] = cluster.apiUrls("inference");
    expectBalance(await settled(postgres.url, () => api, acknowledged), exporter.account, { mayRedeliver: true });
    expect(exporter.account.withoutRetryAfter).toBe(0);
    expectAllAlive();
  };

  it("of Redis lose nothing: killed, and stopped in order", async () => {
    for (const end of [() => redis.kill(), () => redis.stop()]) {
      const answers = await underLoad(async () => {
        await end();
        await eventually(
          () => exporter.account.answers.get(503) ?? 0,
          (count) => count >= 4,
          { what: "senders being told to come back" },
        );
        await redis.start();
      });
      expect([...answers.keys()].filter((status) => status !== 200)).toEqual([503]);
      exporter.account.answers.delete(503);
    }
    await expectCounted();
  }, 240_000);

  it("of PostgreSQL lose nothing and count nothing twice: fast shutdown, and kill -9 of the postmaster", async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const answers = await underLoad(async () => {
        const old = postgres.pid();
        if (old === undefined) throw new Error("no server runs");
        process.kill(old, signal);
        // Whoever supervises the embedded server starts it again.
        await eventually(
          () => readLedgerTable(postgres.url),
          () => postgres.pid() !== old,
          { what: "the server being back" },
        );
      });
      // Receivers have their queue elsewhere.
      expect([...answers.keys()]).toEqual([200]);
    }
    for (const url of cluster.apiUrls("inference")) {
      await eventually(
        async () => [(await fetch(`${url}/readyz`)).status, (await fetch(`${url}/services`)).status],
        (statuses) => statuses.every((status) => status === 200),
        { what: "the API being back" },
      );
    }
    await expectCounted();
  }, 240_000);

  it("leave the windows, labels and vectors that a single undisturbed process makes of the same input", async () => {
    const input = [...exporter.account.acknowledged];
    reference = await startReference(WINDOWS);
    await reference.count(input);
    expectSameRows(await readCounts(postgres.url, "shop"), await readCounts(reference.databaseUrl, "shop"));

    const nowMs = Date.now();
    const last = tick(nowMs);
    const before = await readLedgerTable(postgres.url);
    await exporter.deliver([last].values());
    await reference.count([last]);
    const [api = ""] = cluster.apiUrls("inference");
    const after = await settled(postgres.url, () => api, exporter.account.acknowledged);
    expect(since(before, after).merged).toBe(1);
    const endMs = Math.floor(nowMs / MINUTE) * MINUTE - 60 * MINUTE;
    const closed = await readClosed(postgres.url, "shop", endMs);
    const expected = await readClosed(reference.databaseUrl, "shop", endMs);
    expect(closed.some((row) => row.includes('"onset":true'))).toBe(true);
    expect(closed.length).toBeGreaterThan(SERVICES);
    expectSameRows(closed, expected);
    await expectApisAgree(
      cluster.apiUrls("inference"),
      reference.process.apiUrl,
      Array.from({ length: SERVICES }, (_, index) => `shop-${index}`),
    );
  }, 240_000);
});
