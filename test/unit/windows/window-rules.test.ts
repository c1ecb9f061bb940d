import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FailurePolicy, isFailedWindow } from "../../../models/windows/failure.ts";
import { emptyWindowStats } from "../../../models/windows/window-stats.ts";
import { windowStart } from "../../../models/windows/window-time.ts";

describe("windows", () => {
  it("partition time: every moment is in exactly one, aligned to the epoch", () => {
    const time = fc.oneof(
      fc.integer({ min: -1e13, max: 1e13 }),
      fc.integer({ min: -1e9, max: 1e9 }).map((t) => t / 1024),
    );
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 3_600_000 }), (timeMs, sizeMs) => {
        const start = windowStart(timeMs, sizeMs);
        expect(start % sizeMs === 0).toBe(true);
        expect(start <= timeMs && timeMs < start + sizeMs).toBe(true);
        expect(windowStart(start, sizeMs)).toBe(start);
        expect(windowStart(start + sizeMs, sizeMs)).toBe(start + sizeMs);
      }),
    );
  });
});

describe("the failure rule", () => {
  const policy: FailurePolicy = { errorRatio: 0.5, minRequests: 5, errorLogCount: 20 };
  const stats = (fields: Partial<ReturnType<typeof emptyWindowStats>>) => ({ ...emptyWindowStats(), ...fields });

  it.each([
    ["half of the requests failed", { requestCount: 10, requestErrorCount: 5 }, true],
    ["just less than half failed", { requestCount: 11, requestErrorCount: 5 }, false],
    ["too few requests to tell by their share", { requestCount: 4, requestErrorCount: 4 }, false],
    ["many error logs without a request", { logCount: 20, errorLogCount: 20 }, true],
    ["many error logs beside healthy requests", { requestCount: 50, logCount: 30, errorLogCount: 20 }, true],
    ["some logs", { logCount: 3, errorLogCount: 3 }, false],
    ["only gauges and inner spans", { metricPointCount: 9, spanCount: 3 }, null],
    ["nothing", {}, null],
  ] as const)("judges %s", (_, fields, expected) => {
    expect(isFailedWindow(stats(fields), policy)).toBe(expected);
  });

  it("cannot judge silence", () => {
    expect(isFailedWindow(null, policy)).toBeNull();
  });
});
