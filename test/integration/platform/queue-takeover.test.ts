/** At least once: the job of a worker that dies is finished by another. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { metrics } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { newUuid, systemClock } from "../../../services/platform/clock.ts";
import { openPostgresBackend, openRedisBackend } from "../../../services/platform/queue/backend.ts";
import { createBullQueue } from "../../../services/platform/queue/bull-queue.ts";
import { createEmptyDatabase } from "../../helpers/database.ts";
import { findTestRedis, removeKeys } from "../../helpers/queue.ts";
import { SHORT_LEASE_POLICY } from "../../helpers/short-lease-policy.ts";
import { silentLogger } from "../../helpers/silent-logger.ts";

const HOLDER = fileURLToPath(new URL("../../helpers/hold-queue-job.ts", import.meta.url));
const redisUrl = await findTestRedis();

describe.each([
  { backend: "PostgreSQL", redis: null, isThere: true },
  { backend: "Redis", redis: redisUrl, isThere: redisUrl !== null },
])("on $backend", ({ redis, isThere }) => {
  test.skipIf(!isThere)("a job whose worker was killed is taken over, every time it happens", async () => {
    const database = await createEmptyDatabase();
    const prefix = `harbinger-test-${randomUUID()}`;
    const backend =
      redis === null
        ? await openPostgresBackend(database.url, 4, silentLogger)
        : await openRedisBackend(redis, prefix, silentLogger);
    const queue = createBullQueue<string>(SHORT_LEASE_POLICY, {
      backend,
      newId: newUuid,
      clock: systemClock,
      logger: silentLogger,
      outcomes: metrics.getMeter("test").createCounter("outcomes"),
    });
    try {
      await queue.add("note", "the payload");
      for (let round = 0; round < 2; round += 1) {
        const holder = spawn(process.execPath, ["--import", "tsx", HOLDER, database.url, prefix, redis ?? ""]);
        let output = "";
        for (const stream of [holder.stdout, holder.stderr]) stream.on("data", (chunk) => (output += chunk));
        while (!output.includes("took the payload")) {
          if (holder.exitCode !== null) throw new Error(output);
          await sleep(20);
        }
        const gone = once(holder, "exit");
        holder.kill("SIGKILL");
        await gone;
      }
      const received = await new Promise<string>((resolve) => {
        queue.work(async (job) => resolve(job.payload), { concurrency: 1 });
      });
      expect(received).toBe("the payload");
    } finally {
      await queue.close();
      await backend.close();
      await database.drop();
      if (redis !== null) await removeKeys(redis, prefix);
    }
    expect.assertions(1);
  });
});
