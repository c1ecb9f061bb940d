/** Nobody takes jobs from the queue until Redis has no memory left: senders are told to come back, nothing is lost, and all goes on
 *  by itself as soon as somebody works again. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { hasRedisServer } from "../../helpers/redis-server.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { expectRefusalUntilWorked } from "./refusal.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
/** memory that is not the queue's, so that the tenth that is kept for workers is a size as in life */
const FILLER_BYTES = 20 * 1024 * 1024;
const ROOM_BYTES = 1024 * 1024;
/** far more than there is room for */
const MANY = 10_000;

describe.skipIf(!hasRedisServer())("a Redis without memory (skipped without a redis-server)", () => {
  let fleet: Fleet;

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    fleet = await startFleet(["receiver", "receiver"]);
  });
  afterAll(async () => {
    await fleet?.dispose();
  });

  it("makes senders come back, and is emptied once there is a worker", async () => {
    await fleet.redis.command("SETRANGE", "filler", String(FILLER_BYTES), "x");
    const used = Number(/^used_memory:(\d+)/m.exec(String(await fleet.redis.command("INFO", "memory")))?.[1]);
    await fleet.redis.command("CONFIG", "SET", "maxmemory", String(Math.round((used + ROOM_BYTES) / 0.9)));

    const load = otlpLoad({ seed: SEED, fleet: "shop", services: 5, fromMs: Date.now() - 3_600_000, stepMs: 500 });
    await expectRefusalUntilWorked(fleet.cluster, {
      ...{ databaseUrl: fleet.databaseUrl, load, seed: SEED, senders: 8 },
      ...{ status: 503, refusals: 16, most: MANY, taken: 50 },
    });
    for (const { process } of fleet.cluster.members) expect(process.child.exitCode, process.output()).toBe(null);
  }, 240_000);
});
