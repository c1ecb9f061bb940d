/** The disk under the embedded PostgreSQL fills up, until the server itself gives up: senders are told to come back, the program lives
 *  on, and when there is room again everything that was acknowledged is there and all goes on. */
import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPostmasterFile } from "../../../services/platform/database/postmaster.ts";
import { eventually } from "../../helpers/cluster.ts";
import { type HarbingerProcess, startHarbinger } from "../../helpers/harbinger-process.ts";
import { createExporter } from "../../helpers/otlp-exporter.ts";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { seeded } from "../../helpers/otlp-payloads.ts";
import { mountSmallDisk } from "../../helpers/small-disk.ts";
import { queryRows } from "../../helpers/telemetry-totals.ts";
import { expectBalance, settled } from "./settle.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
const disk = mountSmallDisk(400);
afterAll(() => disk?.dispose());

describe.skipIf(disk === null)("a full disk (skipped where no small disk can be mounted)", () => {
  let harbinger: HarbingerProcess;
  const dataDirectory = join(disk?.path ?? "", "data");

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    harbinger = await startHarbinger({
      dataDirectory,
      env: { HARBINGER_ROLES: "receiver,features,inference", HARBINGER_LOG_LEVEL: "warn" },
    });
  });
  afterAll(() => harbinger?.dispose());

  const cluster = join(dataDirectory, "postgres");
  const databaseUrl = async () => {
    const password = (await readFile(join(dataDirectory, "postgres-password"), "utf8")).trim();
    return `postgres://harbinger:${password}@127.0.0.1:${readPostmasterFile(cluster)?.port}/harbinger`;
  };

  it("loses nothing that was acknowledged, whether PostgreSQL refuses or gives up", async () => {
    const url = await databaseUrl();
    const load = otlpLoad({ seed: SEED, fleet: "shop", services: 5, fromMs: Date.now() - 3_600_000, stepMs: 1_000 });
    const { account, deliver } = createExporter({
      ...{ urls: () => [harbinger.otlpUrl], senders: 4, pauseMs: 10, random: seeded(SEED) },
    });
    const isOver = new AbortController();
    const delivered = deliver(load, isOver.signal);
    const meanwhile = async (what: string, look: () => number, isRight: (seen: number) => boolean) => {
      await Promise.race([eventually(look, isRight, { what }), delivered]);
    };
    const refusals = () => account.answers.get(503) ?? 0;
    await meanwhile(
      "a good start",
      () => account.acknowledged.length,
      (count) => count >= 40,
    );

    disk?.fill();
    // The log of changes has some room of its own; when that is used up, the server cannot go on.
    const first = readPostmasterFile(cluster)?.pid;
    const crashed = eventually(
      async () => {
        try {
          await queryRows(url, "select pg_switch_wal(), pg_logical_emit_message(true, 'filler', repeat('x', 100000))");
        } catch (error) {
          return error instanceof Error ? error.message : String(error);
        }
        return "goes on";
      },
      (seen) => /terminated|ECONNREFUSED|ECONNRESET|recovery|starting up/.test(seen),
      { what: "PostgreSQL giving up" },
    );
    await Promise.race([crashed, delivered]);
    // It tries to recover where it is before it gives up for good, and room that comes before that would save it.
    await Promise.race([
      eventually(
        () => isRunning(first),
        (running) => !running,
        { what: "its process being gone" },
      ),
      delivered,
    ]);
    await meanwhile("senders being told to come back", refusals, (count) => count >= 8);
    const taken = account.acknowledged.length;
    expect((await fetch(`${harbinger.apiUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${harbinger.apiUrl}/readyz`)).status).toBe(503);

    disk?.clear();
    await meanwhile(
      "requests being taken again",
      () => account.acknowledged.length,
      (count) => count > taken + 20,
    );
    isOver.abort();
    await delivered;
    expect(readPostmasterFile(cluster)?.pid).not.toBe(first);

    expectBalance(await settled(url, () => harbinger.apiUrl, account.acknowledged), account, { mayRedeliver: true });
    expect(account.withoutRetryAfter).toBe(0);
    expect([...account.answers.keys()].sort()).toEqual([200, 503]);
    expect(harbinger.child.exitCode, harbinger.output()).toBe(null);
    await eventually(
      async () => (await fetch(`${harbinger.apiUrl}/readyz`)).status,
      (status) => status === 200,
      { what: "readiness" },
    );
  }, 240_000);
});

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
