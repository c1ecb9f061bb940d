import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { watermarkOf } from "../../../services/features/close/watermark.ts";

const base = {
  maxEventMs: 1_000_000,
  lastReceivedMs: 2_000_000,
  nowMs: 2_000_500,
  listeningSinceMs: 0,
  queueIsEmpty: true,
  allowedLatenessMs: 10_000,
  idleTimeoutMs: 120_000,
};

describe("the watermark", () => {
  it("is not known before anything arrived", () => {
    expect(watermarkOf({ ...base, maxEventMs: null })).toBeNull();
  });

  it("follows the newest event, less the allowed lateness", () => {
    expect(watermarkOf(base)).toBe(990_000);
  });

  it("goes on with processing time once nothing arrives, without a jump", () => {
    expect(watermarkOf({ ...base, nowMs: 2_000_000 + 120_000 })).toBe(990_000);
    expect(watermarkOf({ ...base, nowMs: 2_000_000 + 150_000 })).toBe(990_000 + 30_000);
  });

  it("waits while there is a backlog, whatever the clock says", () => {
    expect(watermarkOf({ ...base, nowMs: 9_000_000, queueIsEmpty: false })).toBe(990_000);
  });

  it("gives senders time to come back after a restart", () => {
    const restarted = { ...base, nowMs: 9_000_000, listeningSinceMs: 8_950_000 };
    expect(watermarkOf(restarted)).toBe(990_000);
    expect(watermarkOf({ ...restarted, nowMs: 8_950_000 + 120_000 })).toBeGreaterThan(990_000);
  });

  it("never falls while the clock runs", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (a, b) => {
        const [sooner, later] = [Math.min(a, b), Math.max(a, b)].map((wait) =>
          watermarkOf({ ...base, nowMs: 2_000_000 + wait }),
        );
        expect(later).toBeGreaterThanOrEqual(sooner ?? Number.NaN);
      }),
    );
  });
});
