import { expect, it } from "vitest";
import type { Logger } from "../../../services/platform/logger.ts";
import { createTroubleLog } from "../../../services/platform/queue/queue-trouble.ts";

function setUp() {
  const lines: unknown[] = [];
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const logger = { warn: (fields: unknown) => lines.push(fields) } as unknown as Logger;
  return { lines, clock, tell: createTroubleLog("telemetry", logger, clock) };
}

const replyError = (message: string) => Object.assign(new Error(message), { name: "ReplyError" });
const coded = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

it("shows what a server refuses that is there", () => {
  const { lines, tell } = setUp();
  tell(replyError("OOM command not allowed when used memory > 'maxmemory'."));
  tell(coded("53100"));
  expect(lines).toHaveLength(2);
});

it("leaves lost connections to the connections", () => {
  const { lines, tell } = setUp();
  tell(coded("ECONNREFUSED"));
  tell(coded("57P01"));
  tell(new Error("Connection is closed."));
  expect(lines).toEqual([]);
});

it("says the same only once a minute, and something else at once", () => {
  const { lines, clock, tell } = setUp();
  tell(new Error("a bug"));
  clock.nowMs = 59_999;
  tell(new Error("a bug"));
  expect(lines).toHaveLength(1);
  tell(new Error("another"));
  expect(lines).toHaveLength(2);
  clock.nowMs = 60_000;
  tell(new Error("a bug"));
  expect(lines).toHaveLength(3);
});
