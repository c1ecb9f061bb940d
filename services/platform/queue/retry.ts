/** What becomes of a job whose handler threw. */
import type { HarbingerError } from "../errors.ts";
import { asHarbingerError } from "../store/outage.ts";

export type Verdict = { retry: true } | { retry: false; error: HarbingerError };

/** Outages and everything else that time can heal are tried again; bad input and bugs fail at once. */
export function judgeFailure(thrown: unknown): Verdict {
  const error = asHarbingerError(thrown);
  return error.retryable ? { retry: true } : { retry: false, error };
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/** Doubles from 250 ms to half a minute. @param attempt 1 after the first failure   @returns ms */
export function backoffMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempt - 1));
}
