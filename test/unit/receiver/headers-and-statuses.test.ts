import { describe, expect, it } from "vitest";
import { ERROR_CATALOGUE } from "../../../services/platform/errors.ts";
import { compressionOf, encodingOf } from "../../../services/receiver/http/content-headers.ts";
import { createByteBudget } from "../../../services/receiver/intake/byte-budget.ts";
import { STATUS_TABLE } from "../../../services/receiver/status-table.ts";

describe("the content type", () => {
  it.each([
    ["application/x-protobuf", "protobuf"],
    ["Application/X-Protobuf; charset=binary", "protobuf"],
    ["application/json", "json"],
    ["application/json; charset=utf-8", "json"],
    ['application/json;charset="UTF-8"', "json"],
    ["application/json; charset=iso-8859-1", null],
    ["application/grpc", null],
    ["text/plain", null],
    ["", null],
    [undefined, null],
  ])("%j is %j", (header, expected) => {
    expect(encodingOf(header)).toBe(expected);
  });
});

describe("the content encoding", () => {
  it.each([
    [undefined, "identity"],
    ["", "identity"],
    ["identity", "identity"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
  ])("%j is %j", (header, expected) => {
    expect(compressionOf(header, ["identity", "gzip"])).toBe(expected);
  });

  it.each(["br", "zstd", "gzip, gzip", "constructor"])("%j is refused, with what would do", (header) => {
    expect(() => compressionOf(header, ["identity", "gzip"])).toThrow(/identity, gzip/);
  });
});

describe("the status table", () => {
  const RETRIED_BY_SENDERS = new Set([429, 502, 503, 504]);

  it.each(
    Object.entries(ERROR_CATALOGUE),
  )("answers %s so that senders retry exactly what is retryable", (_code, error) => {
    const { httpStatus, retryAfterSeconds } = STATUS_TABLE[error.kind];
    expect(RETRIED_BY_SENDERS.has(httpStatus)).toBe(error.retryable);
    expect(retryAfterSeconds !== undefined).toBe(error.retryable);
  });

  it("reads as documented", () => {
    const statuses = Object.entries(STATUS_TABLE).map(([kind, { httpStatus, rpcCode }]) => [kind, httpStatus, rpcCode]);
    expect(statuses).toEqual([
      ["malformed", 400, 3],
      ["invalid_input", 400, 3],
      ["unauthenticated", 401, 16],
      ["forbidden", 403, 7],
      ["not_found", 404, 5],
      ["method_not_allowed", 405, 12],
      ["conflict", 409, 10],
      ["too_large", 413, 8],
      ["unsupported_media_type", 415, 3],
      ["overloaded", 429, 8],
      ["bug", 500, 13],
      ["unavailable", 503, 14],
    ]);
  });
});

describe("the byte budget", () => {
  it("takes what fits and gives back", () => {
    const budget = createByteBudget(10);
    expect(budget.take(6)).toBe(true);
    expect(budget.take(5)).toBe(false);
    expect(budget.inUse()).toBe(6);
    budget.give(6);
    expect(budget.take(10)).toBe(true);
  });
});
