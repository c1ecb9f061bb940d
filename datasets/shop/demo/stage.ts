/** What the acts of the demo share. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Episode } from "../fault-schedule.ts";
import type { LoadCounts } from "../load-generator.ts";
import type { Shop } from "../runner/shop.ts";
import type { ConsoleView } from "./console-view.ts";
import type { EpisodeStream } from "./episode-stream.ts";
import type { HarbingerApi, ServiceKey } from "./harbinger-api.ts";
import type { DemoSettings } from "./settings.ts";

export interface Stage {
  settings: DemoSettings;
  view: ConsoleView;
  /** Ctrl-C */
  signal: AbortSignal;
  /** how each part that runs is ended, last started last */
  cleanUps: (() => Promise<unknown>)[];
  /** `performance.now()` at the beginning */
  startedAtMs: number;
  /** wall time of each act, ms */
  wallMs: Record<string, number>;
}

export interface Running {
  apiUrl: string;
  otlpUrl: string;
  api: HarbingerApi;
  shop: Shop;
  services: ServiceKey[];
  episodes: EpisodeStream;
  /** rejects when Harbinger ends by itself */
  broken: Promise<never>;
  loadCounts(): LoadCounts;
}

/** Waits until Harbinger has closed the windows up to now: spans and metrics are on their way, and windows wait for late ones.
 *  @returns how far behind it still is when the patience is over, in ms; usually 0 */
export async function catchUp({ signal }: Stage, { api, services }: Running, patienceMs: number): Promise<number> {
  const nowMs = Date.now();
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const ends = (await api.predictAll(services)).map(({ asOf }) => Date.parse(asOf.windowEnd ?? "") || 0);
    const behindMs = Math.max(0, nowMs - Math.min(...ends));
    if (behindMs === 0 || performance.now() > deadline) return behindMs;
    await sleep(250, undefined, { signal });
  }
}

export async function timed<T>(stage: Stage, phase: string, work: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  try {
    return await work();
  } finally {
    stage.wallMs[phase] = Math.round(performance.now() - startedAtMs);
  }
}

export function describeActive(active: ReadonlySet<Episode>): string {
  return [...active].map(({ region, service, kind }) => `${region}/${service} ${kind}`).join(", ") || "all healthy";
}
