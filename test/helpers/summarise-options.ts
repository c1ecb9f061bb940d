import type { SummariseOptions } from "../../models/telemetry/summarise.ts";

/** 2025-01-15T12:00:00Z, in the middle of a minute's start */
export const NOW_MS = Date.UTC(2025, 0, 15, 12);

const DAY_MS = 24 * 3_600_000;

export function options(changes: Partial<SummariseOptions> = {}): SummariseOptions {
  return {
    batchId: "00",
    receivedAtMs: NOW_MS,
    windowSizeMs: 60_000,
    maxPastMs: 90 * DAY_MS,
    maxFutureMs: 600_000,
    ...changes,
  };
}
