import { describe, expect, test } from "vitest";
import { ERROR_CATALOGUE, type ErrorCode, HarbingerError } from "../../../services/platform/errors.ts";
import { backoffMs, judgeFailure } from "../../../services/platform/queue/retry.ts";
import { asHarbingerError, isOutage } from "../../../services/platform/store/outage.ts";

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

describe("judgeFailure", () => {
  test.each(Object.keys(ERROR_CATALOGUE) as ErrorCode[])("%s is retried exactly if the catalogue says so", (code) => {
    expect(judgeFailure(new HarbingerError(code, "x")).retry).toBe(ERROR_CATALOGUE[code].retryable);
  });

  test.each([
    ["a refused connection", withCode("connect", "ECONNREFUSED")],
    ["a server that shuts down", withCode("terminating connection due to administrator command", "57P01")],
    ["a deadlock", withCode("deadlock detected", "40P01")],
    ["too many connections", withCode("sorry, too many clients already", "53300")],
    ["a full disk on the server", withCode("could not extend file", "53100")],
    ["a pool that waited in vain", new Error("timeout exceeded when trying to connect")],
    ["a connection lost within a query", new Error("Connection terminated unexpectedly")],
    ["an outage wrapped in another error", new Error("query failed", { cause: withCode("x", "ECONNRESET") })],
    ["all addresses of a host refused", new AggregateError([withCode("x", "ECONNREFUSED")])],
  ])("%s is an outage, and retried", (_case, error) => {
    expect(isOutage(error)).toBe(true);
    expect(asHarbingerError(error).code).toBe("UNAVAILABLE");
    expect(judgeFailure(error)).toEqual({ retry: true });
  });

  test.each([
    ["a syntax error in SQL", withCode("syntax error at or near", "42601")],
    ["a violated constraint", withCode("duplicate key", "23505")],
    ["a defect", new TypeError("undefined is not a function")],
    ["something that is no error", "thrown text"],
  ])("%s is a bug, and not retried", (_case, error) => {
    expect(judgeFailure(error)).toMatchObject({ retry: false, error: { code: "BUG" } });
  });
});

describe("backoffMs", () => {
  test("doubles up to half a minute and stays there", () => {
    expect([1, 2, 3, 4].map(backoffMs)).toEqual([250, 500, 1_000, 2_000]);
    expect([8, 9, 100, 1_000].map(backoffMs)).toEqual([30_000, 30_000, 30_000, 30_000]);
  });
});
