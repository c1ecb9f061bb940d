import { describe, expect, it } from "vitest";
import { parseArguments, UsageError } from "../../../datasets/replay/arguments.ts";
import { emptySummary } from "../../../datasets/replay/replay.ts";
import { readRetryAfter } from "../../../datasets/replay/sending/deliver.ts";
import { readExportAnswer, readStatusMessage, rejectionsOf } from "../../../datasets/replay/sending/export-answer.ts";
import { describeSummary, exitCodeOf } from "../../../datasets/replay/summary-text.ts";
import { encodeExportResponse, encodeStatus } from "../../../models/telemetry/export-response.ts";

describe("a server's answer", () => {
  it.each(["json", "protobuf"] as const)("is read in the request's encoding: %s", (encoding) => {
    for (const signal of ["traces", "logs", "metrics"] as const) {
      const partial = { rejectedCount: 70_000, message: "70000 too_old" };
      expect(readExportAnswer(signal, encoding, encodeExportResponse(signal, encoding, partial))).toEqual(partial);
      expect(readExportAnswer(signal, encoding, encodeExportResponse(signal, encoding, null))).toBeNull();
    }
    expect(readStatusMessage(encoding, encodeStatus(encoding, 3, "no such thing"))).toBe("no such thing");
  });

  it("is summed by reason when it names reasons, and warnings are kept apart", () => {
    const { rejected, warnings } = rejectionsOf({
      rejectedCount: 5,
      message: "3 too_old, 2 invalid_record, 7 errors counted without their record",
    });
    expect([...rejected]).toEqual([
      ["too_old", 3],
      ["invalid_record", 2],
    ]);
    expect(warnings).toEqual(["7 errors counted without their record"]);
  });

  it("is one reason when another server wrote it", () => {
    expect([...rejectionsOf({ rejectedCount: 4, message: "queue, or disk, full" }).rejected]).toEqual([
      ["queue, or disk, full", 4],
    ]);
    expect([...rejectionsOf({ rejectedCount: 1, message: "" }).rejected]).toEqual([["no reason given", 1]]);
  });

  it("may say when to come back, in seconds or as a date", () => {
    expect(readRetryAfter("7", 0)).toBe(7_000);
    expect(readRetryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 20_000)).toBe(40_000);
    expect(readRetryAfter("Thu, 01 Jan 1970 00:00:00 GMT", 20_000)).toBe(0);
    expect(readRetryAfter("soon", 0)).toBeNull();
    expect(readRetryAfter(null, 0)).toBeNull();
  });
});

describe("the summary", () => {
  it("says what was rejected, why, and what to do about it", () => {
    const text = describeSummary({
      ...emptySummary(),
      requests: 2,
      records: 1_500,
      accepted: 500,
      rejected: new Map([["too_old", 1_000]]),
      seconds: 2,
    });
    expect(text).toContain("2 requests, 1 500 records");
    expect(text).toContain("rejected 1 000: too_old (older than the receiver's HARBINGER_MAX_PAST: --shift-to-now");
  });

  it("fails when something was not sent or nothing was accepted", () => {
    const sent = { ...emptySummary(), requests: 1, records: 10, accepted: 9 };
    expect(exitCodeOf(sent)).toBe(0);
    expect(exitCodeOf({ ...sent, accepted: 0 })).toBe(1);
    expect(exitCodeOf({ ...sent, failures: { count: 1, records: 1, first: [] } })).toBe(1);
    expect(exitCodeOf({ ...sent, endedBy: "stop" })).toBe(130);
    expect(exitCodeOf(emptySummary())).toBe(0);
  });
});

describe("the command line", () => {
  it("has defaults, and takes every option", () => {
    expect(parseArguments(["a.json"])).toEqual({
      files: ["a.json"],
      baseUrl: "http://127.0.0.1:4318",
      speed: Infinity,
      isShiftedToNow: false,
      isDryRun: false,
      isStudiedOnly: false,
    });
    const all =
      "a.avt b.pb --to https://h.example/otlp/ --speed 10 --token t --signal logs --start 2025-01-01T00:00:00Z";
    expect(parseArguments([...all.split(" "), "--shift-to-now", "--dry-run", "--studied"])).toEqual({
      files: ["a.avt", "b.pb"],
      baseUrl: "https://h.example/otlp",
      speed: 10,
      token: "t",
      signal: "logs",
      startMs: Date.UTC(2025, 0, 1),
      isShiftedToNow: true,
      isDryRun: true,
      isStudiedOnly: true,
    });
  });

  it.each([
    [[], "at least one file"],
    [["a.json", "--speed", "fast"], "--speed fast"],
    [["a.json", "--speed", "0"], "--speed 0"],
    [["a.json", "--to", "localhost:4318"], "--to localhost:4318"],
    [["a.json", "--signal", "profiles"], "--signal profiles"],
    [["a.avt", "--start", "yesterday"], "--start yesterday"],
    [["a.avt.gz"], "a.avt.gz has no calendar"],
    [["a.json", "--sped", "1"], "--sped"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(UsageError);
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
