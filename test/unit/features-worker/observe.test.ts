import { describe, expect, it } from "vitest";
import { emptyWindowStats, type WindowStats } from "../../../models/windows/window-stats.ts";
import { judgeWindow, observeWindows, type ServiceWindow } from "../../../services/features/close/observe.ts";

const span = { startMs: 60_000, sizeMs: 60_000 };
const policy = { errorRatio: 0.5, minRequests: 5, errorLogCount: 20 };

function window(id: number, name: string, stats: Partial<WindowStats> | null, environment = "prod"): ServiceWindow {
  return {
    service: { id, namespace: "", name, environment },
    stats: stats === null ? null : { ...emptyWindowStats(), ...stats },
    failed: false,
    onset: false,
    newFingerprintCount: 0,
  };
}

const calls = (callCount: number, errorCount: number) => ({ callCount, errorCount, durationSumMs: 0 });

describe("observing a window", () => {
  it("adds up what callers say, by service name or by host", () => {
    const observed = observeWindows(
      [
        window(1, "web", { callees: { checkout: calls(10, 1), payment: calls(2, 2), "api.example.com": calls(9, 9) } }),
        window(2, "checkout", { callees: { "payment:8080": calls(5, 1), checkout: calls(7, 7) } }),
        window(3, "payment", null),
      ],
      span,
    );
    expect(observed.map((one) => one.callers)).toEqual([
      null,
      { callCount: 10, errorCount: 1 },
      { callCount: 7, errorCount: 3 },
    ]);
  });

  it("looks for a callee in the caller's environment first", () => {
    const observed = observeWindows(
      [
        window(1, "web", { callees: { payment: calls(4, 0) } }, "staging"),
        window(2, "payment", {}, "staging"),
        window(3, "payment", {}, "prod"),
      ],
      span,
    );
    expect(observed.map((one) => one.callers?.callCount ?? null)).toEqual([null, 4, null]);
  });

  it("tells every service the same of the fleet", () => {
    const failing = { ...window(1, "web", { requestCount: 10, requestErrorCount: 9 }), failed: true, onset: true };
    const observed = observeWindows(
      [failing, window(2, "payment", { requestCount: 5 }), window(3, "cron", null)],
      span,
    );
    const fleet = { reportingCount: 2, failedCount: 1, onsetCount: 1, requestCount: 15, requestErrorCount: 9 };
    expect(observed.map((one) => one.fleet)).toEqual([fleet, fleet, fleet]);
  });
});

describe("judging a window", () => {
  const healthy = { ...emptyWindowStats(), requestCount: 10 };

  it.each([
    ["covers it", { startMs: 0, endMs: 1_000_000 }, true],
    ["still lasts", { startMs: 119_999, endMs: null }, true],
    ["ended when it began", { startMs: 0, endMs: 60_000 }, false],
    ["began when it ended", { startMs: 120_000, endMs: null }, false],
  ])("calls it failed when an incident %s: %j → %s", (_, incident, expected) => {
    expect(judgeWindow(1, healthy, span, [{ serviceId: 1, ...incident }], policy)).toBe(expected);
    expect(judgeWindow(2, healthy, span, [{ serviceId: 1, ...incident }], policy)).toBe(false);
  });

  it("calls a silent one failed when an incident covers it, and otherwise unknown", () => {
    expect(judgeWindow(1, null, span, [{ serviceId: 1, startMs: 0, endMs: null }], policy)).toBe(true);
    expect(judgeWindow(1, null, span, [], policy)).toBeNull();
  });
});
