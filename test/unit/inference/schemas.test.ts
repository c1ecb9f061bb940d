import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeCursor, encodeCursor, toPage } from "../../../services/inference/http/cursor.ts";
import { requestHash } from "../../../services/inference/http/idempotency.ts";
import { durationSchema, instantQuerySchema, instantSchema } from "../../../services/inference/http/schemas.ts";
import { checkHorizons, longestHorizonMs } from "../../../services/inference/predict/horizons.ts";
import { scheduleRequestSchema } from "../../../services/inference/training/training-schemas.ts";

describe("durations and instants", () => {
  it("reads durations with a unit or in milliseconds", () => {
    expect(["500ms", "30s", "5m", "1h", "7d", 90_000].map((value) => durationSchema.parse(value))).toEqual([
      500, 30_000, 300_000, 3_600_000, 604_800_000, 90_000,
    ]);
  });

  it.each(["", "5", "-5m", "5 minutes", "0s", 0, -1, 1.5, Number.NaN, null])("refuses %j as a duration", (value) => {
    expect(durationSchema.safeParse(value).success).toBe(false);
  });

  it("reads an instant with any offset, in a body and in a query", () => {
    const expected = Date.UTC(2026, 0, 31, 12);
    expect(instantSchema.parse("2026-01-31T12:00:00Z")).toBe(expected);
    expect(instantSchema.parse("2026-01-31T17:30:00+05:30")).toBe(expected);
    expect(instantSchema.parse(expected)).toBe(expected);
    expect(instantQuerySchema.parse(String(expected))).toBe(expected);
    expect(instantQuerySchema.parse("2026-01-31T12:00:00.000Z")).toBe(expected);
  });

  it.each([
    "yesterday",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-13-01T00:00:00Z",
    -1,
    9e15,
  ])("refuses %j as an instant", (value) => {
    expect(instantSchema.safeParse(value).success).toBe(false);
  });
});

describe("horizons", () => {
  it("names the longest one when a horizon is beyond it", () => {
    expect(longestHorizonMs(60_000)).toBe(3_600_000);
    expect(() => checkHorizons([60_000, 7_200_000], 60_000, "body.horizons")).toThrow(
      "body.horizons[1]: the longest horizon is 1h",
    );
  });

  it("must be multiples of the window size", () => {
    expect(() => checkHorizons([90_000], 60_000, "body.horizons")).toThrow("multiples of the window size, 1m");
    expect(() => checkHorizons([60_000, 3_600_000], 60_000, "body.horizons")).not.toThrow();
  });
});

describe("schedules", () => {
  const base = { model: "failure-predictor" };
  it.each([
    [{ ...base, cron: "0 3 * * *" }, true],
    [{ ...base, cron: "0 3 * * *", timezone: "Europe/Berlin" }, true],
    [{ ...base, every: "6h" }, true],
    [{ ...base }, false],
    [{ ...base, cron: "0 3 * * *", every: "6h" }, false],
    [{ ...base, cron: "at three" }, false],
    [{ ...base, cron: "0 3 * * *", timezone: "Mars/Olympus" }, false],
    [{ ...base, every: "6h", timezone: "UTC" }, false],
    [{ ...base, every: "10ms" }, false],
    [{ model: "tea", every: "6h" }, false],
  ])("%j is accepted: %s", (request, accepted) => {
    expect(scheduleRequestSchema.safeParse(request).success).toBe(accepted);
  });
});

describe("cursors", () => {
  const position = z.tuple([z.int(), z.string()]);

  it("come back as they went out, and a last page has none", () => {
    const rows = [1, 2, 3].map((id) => ({ id, name: `n${id}` }));
    const page = toPage(rows, 2, (row) => [row.id, row.name]);
    expect(page.rows).toHaveLength(2);
    expect(decodeCursor(page.nextCursor ?? "", position)).toEqual([2, "n2"]);
    expect(toPage(rows, 3, (row) => row.id).nextCursor).toBeNull();
  });

  it.each(["", "garbage", "%%%", encodeCursor({ a: 1 }), encodeCursor([1.5, "x"])])("refuses %j", (cursor) => {
    expect(() => decodeCursor(cursor, position)).toThrow("the cursor is not one that this call gave out");
  });
});

describe("the hash of a request", () => {
  it("does not depend on the order of keys, but on every value", () => {
    expect(requestHash({ a: 1, b: { c: [1, 2], d: "x" } })).toBe(requestHash({ b: { d: "x", c: [1, 2] }, a: 1 }));
    expect(requestHash({ a: [1, 2] })).not.toBe(requestHash({ a: [2, 1] }));
    expect(requestHash({ a: 1 })).not.toBe(requestHash({ a: "1" }));
  });
});
