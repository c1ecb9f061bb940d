/** Episodes as they took place, and which of them is behind a failure. */
import type { Episode, FaultKind } from "../fault-schedule.ts";
import type { ScoredOnset } from "./score-warnings.ts";

/** An episode with the wall-clock time at which its schedule started. */
export interface HappenedEpisode extends Episode {
  scheduleStartedAtMs: number;
}

/** The fault that was on, or had just been healed, where and when an onset was seen. */
export function faultOf(onset: ScoredOnset, episodes: readonly HappenedEpisode[]): FaultKind | null {
  const echoMs = 3_000;
  const found = episodes.find(({ region, scheduleStartedAtMs, startMs, endMs }) => {
    const [from, to] = [scheduleStartedAtMs + startMs - 1_000, scheduleStartedAtMs + endMs + echoMs];
    return onset.service.startsWith(`${region}/`) && onset.startMs >= from && onset.startMs < to;
  });
  return found?.kind ?? null;
}
