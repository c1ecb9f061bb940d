/** One suite of queues, over every backend. */
import { describe, test } from "vitest";
import { findTestRedis } from "./queue.ts";

const redisUrl = await findTestRedis();

/** @param title with `$backend` where its name goes   @param suite gets the Redis to use; none: the queues live in the database */
export function describeOnEveryQueue(title: string, suite: (redisUrl: string | undefined) => void): void {
  describe(title.replace("$backend", "PostgreSQL"), () => suite(undefined));
  describe(title.replace("$backend", "Redis"), () => {
    if (redisUrl === null) test.skip("skipped: no Redis answers at REDIS_URL or 127.0.0.1:6379", () => {});
    else suite(redisUrl);
  });
}
