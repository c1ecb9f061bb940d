/** Makes the episodes of a schedule happen to a running shop. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Episode } from "../fault-schedule.ts";
import { ORDER_RATIO } from "../load-generator.ts";
import { HEALTHY_RELEASE, type Shop } from "./shop.ts";

/** Size of a service's connection pool (service-kit/database.ts). */
const POOL_SIZE = 8;
/** Heap between a service at rest and the point where it refuses work, and some for what is collected on the way. */
const FREE_HEAP_BYTES = 88 * 1024 * 1024;
const DEFECTIVE_RELEASE = "1.5.0";

export interface PlayOptions {
  shop: Shop;
  episodes: readonly Episode[];
  /** per region, at the front */
  requestsPerSecond: number;
  signal: AbortSignal;
  onEvent?: (event: { episode: Episode; state: "building_up" | "healed" }) => void;
}

/** @returns when the last episode is healed, or soon after the signal */
export async function playEpisodes({ shop, episodes, requestsPerSecond, signal, onEvent }: PlayOptions): Promise<void> {
  const startedAtMs = performance.now();
  const waitUntil = async (atMs: number) => {
    await sleep(Math.max(0, startedAtMs + atMs - performance.now()), undefined, { signal }).catch(() => {});
    return !signal.aborted;
  };
  await Promise.all(
    episodes.map(async (episode) => {
      if (!(await waitUntil(episode.startMs))) return;
      onEvent?.({ episode, state: "building_up" });
      await begin(shop, episode, requestsPerSecond);
      await waitUntil(episode.endMs);
      if (signal.aborted) return;
      await heal(shop, episode);
      onEvent?.({ episode, state: "healed" });
    }),
  );
}

async function begin(shop: Shop, { region, service, kind, buildUpMs }: Episode, frontRate: number): Promise<void> {
  const isBehindOrders = service === "checkout" || service === "payment";
  const requests = ((isBehindOrders ? ORDER_RATIO : 1) * frontRate * buildUpMs) / 1_000;
  switch (kind) {
    case "pool_leak":
      return shop.weaken(region, service, { leaksEveryNthConnection: Math.max(1, Math.floor(requests / POOL_SIZE)) });
    case "slowdown":
      return shop.weaken(region, service, { slownessPeakMs: 1_200, slownessRampMs: buildUpMs });
    case "memory_growth":
      return shop.weaken(region, service, { retainedBytesPerRequest: FREE_HEAP_BYTES / requests });
    case "bad_deployment":
      return shop.deploy(region, service, DEFECTIVE_RELEASE, { SHOP_RATES_TTL_MS: String(buildUpMs * 1.25) });
    case "kill":
      return shop.crash(region, service);
  }
}

async function heal(shop: Shop, { region, service, kind }: Episode): Promise<void> {
  switch (kind) {
    case "pool_leak":
    case "slowdown":
      return shop.weaken(region, service, {});
    case "memory_growth":
      // what a kubelet does to a container at its memory limit, then starts it anew
      await shop.crash(region, service);
      return shop.restart(region, service);
    case "bad_deployment":
      return shop.deploy(region, service, HEALTHY_RELEASE);
    case "kill":
      return shop.restart(region, service);
  }
}
