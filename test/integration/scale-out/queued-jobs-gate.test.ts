/** More jobs wait than HARBINGER_MAX_QUEUED_JOBS allows: senders are told to come back, by every receiver, until workers have caught up. */
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { otlpLoad } from "../../helpers/otlp-load.ts";
import { hasRedisServer } from "../../helpers/redis-server.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { expectRefusalUntilWorked } from "./refusal.ts";

const SEED = Number(process.env.HARBINGER_TEST_SEED ?? randomInt(1_000_000));
const MAX_QUEUED_JOBS = 20;
/** far beyond the gate, however late a receiver looks at the queue */
const MANY = 1_000;

describe.skipIf(!hasRedisServer())("more jobs than may wait (skipped without a redis-server)", () => {
  let fleet: Fleet;

  beforeAll(async () => {
    console.log(`HARBINGER_TEST_SEED=${SEED}`);
    fleet = await startFleet(["receiver", "receiver"], {
      HARBINGER_MAX_QUEUED_JOBS: String(MAX_QUEUED_JOBS),
    });
  });
  afterAll(async () => {
    await fleet?.dispose();
  });

  it("are not taken: 429 and Retry-After, until the queue has been worked off", async () => {
    const load = otlpLoad({ seed: SEED, fleet: "shop", services: 5, fromMs: Date.now() - 3_600_000, stepMs: 500 });
    await expectRefusalUntilWorked(fleet.cluster, {
      ...{ databaseUrl: fleet.databaseUrl, load, seed: SEED, senders: 4, pauseMs: 10 },
      ...{ status: 429, refusals: 8, most: MANY, taken: 2 * MAX_QUEUED_JOBS },
    });
  }, 240_000);
});
