/** Which windows count as failed by rule. Incidents and operators may say more (models/features/labels.ts). */
import type { WindowStats } from "./window-stats.ts";

export interface FailurePolicy {
  /** share of failed requests from which a window is failed, in (0, 1] */
  errorRatio: number;
  /** requests below which the share says nothing */
  minRequests: number;
  /** error logs from which a window is failed, whatever its requests */
  errorLogCount: number;
}

/** @returns true: failed; false: there were requests or logs and they do not make a failure; null: neither can be said,
 *    because nothing arrived that could tell (silence, or only gauges and inner spans) */
export function isFailedWindow(stats: WindowStats | null, policy: FailurePolicy): boolean | null {
  if (stats === null) return null;
  const { requestCount, requestErrorCount, logCount, errorLogCount } = stats;
  if (requestCount >= policy.minRequests && requestErrorCount >= policy.errorRatio * requestCount) return true;
  if (errorLogCount >= policy.errorLogCount) return true;
  return requestCount > 0 || logCount > 0 ? false : null;
}
