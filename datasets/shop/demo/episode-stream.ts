/** Episodes without end, from the first minute until the demo stops, so that the time Harbinger learns from and the time it is judged
 *  by are alike. What comes after training is unseen: it had not happened yet. */
import { type Episode, planEpisodes } from "../fault-schedule.ts";
import { playEpisodes } from "../runner/play-episodes.ts";
import type { Shop } from "../runner/shop.ts";
import type { HappenedEpisode } from "./report.ts";
import type { DemoSettings } from "./settings.ts";

export interface EpisodeStream {
  /** building up, or at their height */
  active: ReadonlySet<Episode>;
  /** all that have begun, in order */
  happened: readonly HappenedEpisode[];
  /** rejects when an episode could not be played */
  broken: Promise<never>;
}

const ROUND_MS = 3_600_000;

export function startEpisodes(shop: Shop, settings: DemoSettings, signal: AbortSignal): EpisodeStream {
  const active = new Set<Episode>();
  const happened: HappenedEpisode[] = [];
  const playRounds = async (): Promise<never> => {
    for (let round = 0; !signal.aborted; round += 1) {
      const episodes = planEpisodes({
        seed: settings.seed + round,
        regions: settings.regions,
        durationMs: ROUND_MS,
        healthyMs: [6_000, 9_000],
        buildUpMs: [10_000, 15_000],
        holdMs: [3_500, 5_000],
      });
      const scheduleStartedAtMs = Date.now();
      await playEpisodes({
        ...{ shop, episodes, signal, requestsPerSecond: settings.requestsPerSecond },
        onEvent({ episode, state }) {
          if (state === "healed") active.delete(episode);
          else {
            active.add(episode);
            happened.push({ ...episode, scheduleStartedAtMs });
          }
        },
      });
    }
    return new Promise(() => {});
  };
  const broken = playRounds();
  // whoever races against it hears of it; until then it must not count as unhandled
  broken.catch(() => {});
  return { active, happened, broken };
}
