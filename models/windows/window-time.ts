/** Windows are half-open spans of event time, [start, start + size), aligned to the epoch: every moment is in exactly one. */
import type { EpochMs } from "../telemetry/records.ts";

/** Start of the window that contains a moment.
 *  @param sizeMs positive whole number of ms */
export function windowStart(timeMs: EpochMs, sizeMs: number): EpochMs {
  // Adding 0 turns the -0 that a moment just before 1970 can give into 0, so that equal starts are the same key everywhere.
  return Math.floor(timeMs / sizeMs) * sizeMs + 0;
}
