/** Program for tests: takes one job, says so, and holds it until it is killed. Arguments: database URL, key prefix, Redis URL or nothing. */
import { metrics } from "@opentelemetry/api";
import { newUuid, systemClock } from "../../services/platform/clock.ts";
import { openPostgresBackend, openRedisBackend } from "../../services/platform/queue/backend.ts";
import { createBullQueue } from "../../services/platform/queue/bull-queue.ts";
import { SHORT_LEASE_POLICY } from "./short-lease-policy.ts";
import { silentLogger } from "./silent-logger.ts";

const [, , databaseUrl = "", prefix = "", redisUrl] = process.argv;
const queue = createBullQueue<string>(SHORT_LEASE_POLICY, {
  backend: redisUrl
    ? await openRedisBackend(redisUrl, prefix, silentLogger)
    : await openPostgresBackend(databaseUrl, 4, silentLogger),
  newId: newUuid,
  clock: systemClock,
  logger: silentLogger,
  outcomes: metrics.getMeter("test").createCounter("outcomes"),
});
queue.work(
  (job) => {
    console.log(`took ${job.payload}`);
    return new Promise(() => {});
  },
  { concurrency: 1 },
);
setInterval(() => {}, 60_000);
