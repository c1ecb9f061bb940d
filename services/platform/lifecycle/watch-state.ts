/** How far the watch over the failure predictor has come. Written by the lifecycle role, read by whoever shows it. */
import { type ChampionWatch, createChampionWatch } from "../../../models/lifecycle/champion-watch.ts";
import { createLiveBaseRate, type LiveBaseRate } from "../../../models/lifecycle/live-base-rate.ts";
import { type MomentPlan, planMoments } from "../../../models/lifecycle/moments.ts";
import { createShadowWatch, type ShadowWatch } from "../../../models/lifecycle/shadow-watch.ts";
import { priorProbability } from "../../../models/predictor/prior.ts";
import { FAILURE_PREDICTOR } from "../serving/definitions.ts";
import type { Database } from "../store/database.ts";
import type { ModelAlias } from "../store/registry-store.ts";
import { readWatch } from "../store/watch-store.ts";

/** What a champion is compared with, and what is compared with when nothing serves. */
export const BASE_RATE = "base-rate";

/** Aliases whose versions score beside the champion and are shown to nobody. */
export const HIDDEN_ALIASES = ["challenger", "shadow"] as const;
export type HiddenAlias = (typeof HIDDEN_ALIASES)[number];

/** Above every id: nothing more of that moment. */
const LAST_SERVICE = 2 ** 31 - 1;

export interface Horizon {
  windowSizeMs: number;
  horizonMs: number;
}

export interface HiddenWatch extends ShadowWatch {
  /** the newest vector that was scored */
  scoredThrough: { atMs: number; serviceId: number };
}

/** Plain JSON. */
export interface WatchState extends Horizon {
  format: 1;
  /** outcomes of predictions of windows that ended by then are taken in; null before the first */
  throughMs: number | null;
  /** outcomes taken in, whoever had predicted */
  outcomes: number;
  baseRate: LiveBaseRate;
  champion: ChampionWatch | null;
  hidden: Partial<Record<HiddenAlias, HiddenWatch>>;
  /** event time of the newest look at the inputs */
  inputsCheckedMs: number | null;
  /** the newest training job, and how many outcomes there were when it was first seen */
  lastJob: { id: string; outcomes: number } | null;
}

/** @returns the stored state, or a new one when there is none or it was counted in other horizons */
export async function readWatchState(db: Database, { windowSizeMs, horizonMs }: Horizon): Promise<WatchState> {
  const stored = await readWatch(db, FAILURE_PREDICTOR);
  // Only this program writes it, and `format` says the shape.
  const state = stored as Partial<WatchState> | undefined;
  if (state?.format === 1 && state.windowSizeMs === windowSizeMs && state.horizonMs === horizonMs) {
    return state as WatchState;
  }
  const nothing = { onsets: 0, windows: 0 };
  return {
    ...{ format: 1, windowSizeMs, horizonMs, throughMs: null, outcomes: 0, champion: null, hidden: {} },
    ...{ inputsCheckedMs: null, lastJob: null },
    baseRate: createLiveBaseRate(priorProbability({ fleet: nothing, service: nothing }, horizonMs / windowSizeMs)),
  };
}

/** Begins anew whatever watches another version than its alias points at now.
 *  @param closedThroughMs predictions of windows that end later count */
export function followAliases(
  state: WatchState,
  aliases: Partial<Record<ModelAlias, string>>,
  closedThroughMs: number,
): WatchState {
  const plan = momentPlan(state);
  const served = aliases.champion ?? null;
  const champion =
    served === null
      ? null
      : state.champion?.version === served
        ? state.champion
        : createChampionWatch(served, closedThroughMs, plan);
  const hidden: WatchState["hidden"] = {};
  for (const alias of HIDDEN_ALIASES) {
    const version = aliases[alias];
    if (version === undefined || version === served) continue;
    const known = state.hidden[alias];
    hidden[alias] =
      known?.version === version && known.against === served
        ? known
        : {
            ...createShadowWatch(version, served, closedThroughMs, plan),
            scoredThrough: { atMs: closedThroughMs, serviceId: LAST_SERVICE },
          };
  }
  const inputsCheckedMs = champion === state.champion ? state.inputsCheckedMs : null;
  return { ...state, champion, hidden, inputsCheckedMs };
}

export function momentPlan({ horizonMs, windowSizeMs }: Horizon): MomentPlan {
  return planMoments(horizonMs, windowSizeMs);
}
