/** By how much `--shift-to-now` moves a recording. */
import type { TimeRange } from "../reading/recorded-request.ts";

/** The newest event is "now" at the moment it is sent. With `--speed max` that is the start of the replay, in real time the end of it:
 *  then the first event is now as well. In between, events lie in the past when they are sent and never in the future, where a
 *  receiver would refuse them. Slower than real time, the first event is now.
 *  @param speed event time per real time; Infinity: as fast as it goes   @returns whole ms, so that nanoseconds keep their digits */
export function chooseShiftMs({ firstMs, lastMs }: TimeRange, speed: number, nowMs: number): number {
  return Math.round(nowMs + (lastMs - firstMs) / Math.max(1, speed) - lastMs);
}
