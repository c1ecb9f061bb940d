/** Episodes of one seed after another. The time Harbinger learns from and the time it is judged by are alike, but of different seeds. */
import { type Episode, planEpisodes } from "../fault-schedule.ts";
import { playEpisodes } from "../runner/play-episodes.ts";
import type { Shop } from "../runner/shop.ts";
import type { HappenedEpisode } from "./happened-episode.ts";
import type { DemoSettings } from "./settings.ts";

const BUILD_UP_MS = [10_000, 15_000] as const;
const HOLD_MS = [3_500, 5_000] as const;
/** Episodes begin as usual until so long before the end of what is played. */
export const LONGEST_EPISODE_MS = BUILD_UP_MS[1] + HOLD_MS[1];

export interface EpisodeStream {
  /** building up, or at their height */
  active: ReadonlySet<Episode>;
  /** all that have begun, in order */
  happened: readonly HappenedEpisode[];
  /** Plays the episodes of a seed that end within `durationMs`. @returns when the last one is healed */
  play(seed: number, durationMs: number): Promise<void>;
}

export function createEpisodeStream(
  shop: Shop,
  { regions, requestsPerSecond, healthyMs }: Pick<DemoSettings, "regions" | "requestsPerSecond" | "healthyMs">,
  signal: AbortSignal,
): EpisodeStream {
  const active = new Set<Episode>();
  const happened: HappenedEpisode[] = [];
  return {
    active,
    happened,
    async play(seed, durationMs) {
      const episodes = planEpisodes({
        seed,
        regions,
        durationMs,
        healthyMs,
        buildUpMs: BUILD_UP_MS,
        holdMs: HOLD_MS,
      });
      const scheduleStartedAtMs = Date.now();
      await playEpisodes({
        ...{ shop, episodes, signal, requestsPerSecond },
        onEvent({ episode, state }) {
          if (state === "healed") active.delete(episode);
          else {
            active.add(episode);
            happened.push({ ...episode, scheduleStartedAtMs });
          }
        },
      });
    },
  };
}
