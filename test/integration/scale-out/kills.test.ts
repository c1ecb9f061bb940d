/** Two receivers, two workers and two API processes share one Redis and one PostgreSQL, and receivers and workers are killed at random
 *  while telemetry flows: what comes out is what a single process counts that nobody disturbs. */
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../helpers/cluster.ts";
import { createExporter } from "../../helpers/otlp-exporter.ts";
import { exportRequest, otlpLoad } from "../../helpers/otlp-load.ts";
import { logsRequest, nanos, resource, seeded, text, tracesRequest } from "../../helpers/otlp-payloads.ts";
import { hasRedisServer } from "../../helpers/redis-server.ts";
import { queryRows, readCounts, readLedgerTable, readWindowsOverHttp } from "../../helpers/telemetry-totals.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import {
  expectApisAgree,
  expectBalance,
  expectPagesAgree,
  expectSameRows,
  type Reference,
  settled,
  since,
  startReference,
} from "./settle.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
const KILLS = 6;
const SERVICES = 6;
const MINUTE = 60_000;
const FROM_MS = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;

describe.skipIf(!hasRedisServer())("several processes of each role (skipped without a redis-server)", () => {
  let fleet: Fleet;
  let reference: Reference | undefined;

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    fleet = await startFleet(["receiver", "receiver", "features", "features", "inference", "inference"]);
  });
  afterAll(async () => {
    await fleet?.dispose();
    await reference?.dispose();
  });

  it("count a batch once that comes again at another receiver, and an exception once that comes in both signals", async () => {
    const [first = "", second = ""] = fleet.cluster.otlpUrls();
    const ids = { traceId: "5b".repeat(16), spanId: "5b".repeat(8) };
    const time = nanos(FROM_MS + MINUTE);
    const exception = [text("exception.type", "TypeError"), text("exception.message", "x is not a function")];
    const span = {
      ...{
        ...ids,
        name: "GET /",
        kind: 2,
        startTimeUnixNano: nanos(FROM_MS),
        endTimeUnixNano: time,
        status: { code: 2 },
      },
      events: [{ name: "exception", timeUnixNano: time, attributes: exception }],
    };
    const traces = exportRequest("traces", tracesRequest([span], resource("twice")), 1);
    const log = { ...ids, timeUnixNano: time, severityNumber: 17, attributes: exception };
    const logs = exportRequest("logs", logsRequest([log], resource("twice")), 1);

    const exporters = [first, second].map((url) => createExporter({ urls: () => [url], senders: 1, random: () => 1 }));
    await exporters[0]!.deliver([traces].values());
    await exporters[1]!.deliver([traces, logs].values());
    const ledger = await settled(fleet.databaseUrl, () => fleet.cluster.apiUrls("inference")[0]!, [traces, logs]);
    expect(ledger).toEqual({ received: 3, merged: 2, rejected: 0, duplicate: 1 });
    for (const url of fleet.cluster.apiUrls("inference")) {
      const [window] = await readWindowsOverHttp(url, "twice");
      expect(window).toMatchObject({ requestCount: 1, requestErrorCount: 1, errorCount: 1, errorLogCount: 1 });
    }
  });

  it("lose nothing and count nothing twice when receivers and workers are killed at random", async () => {
    const random = seeded(SEED);
    const before = await readLedgerTable(fleet.databaseUrl);
    const load = otlpLoad({ seed: SEED, fleet: "shop", services: SERVICES, fromMs: FROM_MS, stepMs: 2_000 });
    const exporter = createExporter({
      ...{ urls: () => fleet.cluster.otlpUrls(), senders: 6, pauseMs: 40, resendRatio: 0.05, random },
    });
    const isOver = new AbortController();
    const delivered = exporter.deliver(load, isOver.signal);
    // A refusal that nobody comes back from must end the test now.
    const failed = delivered.catch((error: unknown) => error);
    const mortals = fleet.cluster.members.filter(({ roles }) => roles !== "inference");
    for (let kill = 0; kill < KILLS; kill++) {
      await Promise.race([sleep(500 + random() * 1_500), failed]);
      await fleet.cluster.kill(mortals[Math.floor(random() * mortals.length)]!);
    }
    const { account } = exporter;
    await Promise.race([
      eventually(
        () => account.acknowledged.length,
        (count) => count > KILLS * 20,
        { what: "requests being acknowledged" },
      ),
      delivered,
    ]);
    isOver.abort();
    await delivered;
    await fleet.cluster.whole();
    expect([...account.answers.keys()].filter((status) => ![0, 200, 503].includes(status))).toEqual([]);
    expect(account.withoutRetryAfter).toBe(0);

    // The killed workers' jobs need some time to come back; the reference counts meanwhile.
    reference = await startReference({});
    await reference.count(account.acknowledged);
    const [api = ""] = fleet.cluster.apiUrls("inference");
    const ledger = await settled(fleet.databaseUrl, () => api, account.acknowledged, before.merged + before.rejected);
    expectBalance(since(before, ledger), account, { mayRedeliver: true });
    await expectPagesAgree(fleet.cluster, fleet.databaseUrl);
    expectSameRows(await readCounts(fleet.databaseUrl, "shop"), await readCounts(reference.databaseUrl, "shop"));
    await expectApisAgree(
      fleet.cluster.apiUrls("inference"),
      reference.process.apiUrl,
      Array.from({ length: SERVICES }, (_, index) => `shop-${index}`),
    );
  }, 600_000);

  it("go on without a worker that freezes within a transaction, and take it back when it thaws", async () => {
    const random = seeded(SEED + 1);
    const before = await readLedgerTable(fleet.databaseUrl);
    const load = otlpLoad({ seed: SEED + 1, fleet: "frost", services: 3, fromMs: FROM_MS, stepMs: 1_000 });
    const { account, deliver } = createExporter({ urls: () => fleet.cluster.otlpUrls(), senders: 6, random });
    const worker = fleet.cluster.members.find(({ roles }) => roles === "features")?.process.child;
    const isOver = new AbortController();
    const delivered = deliver(load, isOver.signal);
    try {
      await Promise.race([
        freezeWithinTransaction(worker, () => openTransactions(fleet.databaseUrl), random),
        delivered,
      ]);
      await sleep(500);
      isOver.abort();
      await delivered;
      const [api = ""] = fleet.cluster.apiUrls("inference");
      const ledger = await settled(fleet.databaseUrl, () => api, account.acknowledged, before.merged + before.rejected);
      expectBalance(since(before, ledger), account, { mayRedeliver: true });
      worker?.kill("SIGCONT");
      // What it was at has been merged by another meanwhile.
      const later = await settled(fleet.databaseUrl, () => api, account.acknowledged, before.merged + before.rejected);
      expect(later).toEqual({ ...ledger, received: later.received, duplicate: later.duplicate });
      expectBalance(since(before, later), account, { mayRedeliver: true });
      await expectPagesAgree(fleet.cluster, fleet.databaseUrl);
    } finally {
      isOver.abort();
      worker?.kill("SIGCONT");
    }
  }, 600_000);
});

/** Transactions that have merged something, so that others wait for their rows, and that wait for their client themselves. */
async function openTransactions(databaseUrl: string): Promise<string[]> {
  const rows = await queryRows(
    databaseUrl,
    `select pid || ' ' || xact_start as id from pg_stat_activity
     where datname = current_database() and state = 'idle in transaction' and backend_xid is not null
       and query not like '%stream_clock%'`,
  );
  return rows.map(({ id }) => String(id));
}

/** Stops the process again and again until it is caught with a transaction open, which then stays open. */
async function freezeWithinTransaction(
  child: ChildProcess | undefined,
  open: () => Promise<string[]>,
  random: () => number,
): Promise<void> {
  await eventually(
    async () => {
      child?.kill("SIGCONT");
      await sleep(random() * 50);
      child?.kill("SIGSTOP");
      const first = await open();
      await sleep(250);
      const second = await open();
      return first.filter((one) => second.includes(one)).length;
    },
    (count) => count > 0,
    { what: "a worker frozen within a transaction", everyMs: 0 },
  );
}
