import { describe, expect, it } from "vitest";
import { ERROR_CATALOGUE } from "../../../services/platform/errors.ts";
import { encodingOf } from "../../../services/receiver/http/content-type.ts";
import { createByteBudget } from "../../../services/receiver/intake/byte-budget.ts";
import { compressionOf } from "../../../services/receiver/intake/compression.ts";
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
    ["deflate", "deflate"],
    [" zstd ", "zstd"],
  ])("%j is %j", (header, expected) => {
    expect(compressionOf("Content-Encoding", header)).toBe(expected);
  });

  it.each(["br", "gzip, gzip", "identity, gzip", "constructor"])("%j is refused, with what would do", (header) => {
    expect(() => compressionOf("Content-Encoding", header)).toThrow(/Content-Encoding .*identity, gzip/);
  });
});

describe("the status table", () => {
  const REPEATED_OVER_HTTP = new Set([429, 502, 503, 504]);
  // CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS
  const REPEATED_OVER_GRPC = new Set([1, 4, 10, 11, 14, 15]);
  const RESOURCE_EXHAUSTED = 8;

  it.each(
    Object.entries(ERROR_CATALOGUE),
  )("answers %s so that senders repeat exactly what is retryable", (_code, error) => {
    const { httpStatus, grpcCode, retryAfterSeconds } = STATUS_TABLE[error.kind];
    expect(REPEATED_OVER_HTTP.has(httpStatus)).toBe(error.retryable);
    expect(retryAfterSeconds !== undefined).toBe(error.retryable);
    const isRepeated =
      REPEATED_OVER_GRPC.has(grpcCode) || (grpcCode === RESOURCE_EXHAUSTED && retryAfterSeconds !== undefined);
    expect(isRepeated).toBe(error.retryable);
  });

  it("reads as documented: kind, HTTP status, code in its body, gRPC status, seconds to wait", () => {
    const rows = Object.entries(STATUS_TABLE).map(
      ([kind, { httpStatus, rpcCode, grpcCode, retryAfterSeconds = null }]) => [
        kind,
        httpStatus,
        rpcCode,
        grpcCode,
        retryAfterSeconds,
      ],
    );
    expect(rows).toEqual([
      ["malformed", 400, 3, 3, null],
      ["invalid_input", 400, 3, 3, null],
      ["unauthenticated", 401, 16, 16, null],
      ["forbidden", 403, 7, 7, null],
      ["not_found", 404, 5, 12, null],
      ["method_not_allowed", 405, 12, 12, null],
      ["conflict", 409, 9, 9, null],
      ["too_large", 413, 8, 8, null],
      ["unsupported_media_type", 415, 3, 12, null],
      ["overloaded", 429, 8, 8, 1],
      ["bug", 500, 13, 13, null],
      ["unavailable", 503, 14, 14, 5],
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
