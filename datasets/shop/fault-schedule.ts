/** When which fault happens where. Pure: a seed gives one schedule. Within a region episodes never overlap and healthy time lies between
 *  them; across regions they do overlap, as on a bad day. */
import { between, createRandom, pick, type Random, shuffle } from "./random.ts";

export const FAULT_KINDS = ["pool_leak", "slowdown", "memory_growth", "bad_deployment", "kill"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which services can have which fault: a pool can leak where there is a database, and so on. */
export const AFFECTED_SERVICES = {
  pool_leak: ["inventory", "checkout"],
  slowdown: ["payment", "inventory"],
  memory_growth: ["web", "checkout", "payment", "inventory"],
  bad_deployment: ["web", "checkout", "payment"],
  kill: ["payment", "inventory", "checkout"],
} as const satisfies Record<FaultKind, readonly string[]>;

export interface Episode {
  region: string;
  kind: FaultKind;
  service: (typeof AFFECTED_SERVICES)[FaultKind][number];
  /** all times in ms from the start of the schedule */
  startMs: number;
  /** from the first sign to the full fault; 0 for a kill */
  buildUpMs: number;
  /** how long the full fault lasts */
  holdMs: number;
  /** startMs + buildUpMs + holdMs: the fault is healed */
  endMs: number;
}

export interface ScheduleOptions {
  seed: number;
  regions: readonly string[];
  durationMs: number;
  /** healthy time before each episode, of a region */
  healthyMs: readonly [number, number];
  buildUpMs: readonly [number, number];
  holdMs: readonly [number, number];
  kinds?: readonly FaultKind[];
}

/** Kinds are dealt to the regions in order of time from one shuffled deck, so every stretch of the schedule is mixed.
 *  @returns episodes that end within `durationMs`, by start time */
export function planEpisodes({ regions, durationMs, ...options }: ScheduleOptions): Episode[] {
  const random = createRandom(options.seed);
  const deal = createDeck(random, options.kinds ?? FAULT_KINDS);
  const cycleMs = options.buildUpMs[0] + options.holdMs[0];
  // regions start at different points of the cycle, so that onsets spread over time
  const clocks = regions.map((region, index) => ({ region, healthySinceMs: (cycleMs * index) / regions.length }));
  const episodes: Episode[] = [];
  for (;;) {
    const next = clocks.reduce<(typeof clocks)[number] | undefined>(
      (first, one) => (first === undefined || one.healthySinceMs < first.healthySinceMs ? one : first),
      undefined,
    );
    if (next === undefined) return episodes.sort((a, b) => a.startMs - b.startMs);
    const kind = deal();
    const startMs = Math.round(next.healthySinceMs + between(random, options.healthyMs));
    const buildUpMs = kind === "kill" ? 0 : Math.round(between(random, options.buildUpMs));
    const holdMs = Math.round(between(random, options.holdMs));
    const endMs = startMs + buildUpMs + holdMs;
    const service = pick(random, AFFECTED_SERVICES[kind]);
    if (endMs > durationMs) clocks.splice(clocks.indexOf(next), 1);
    else episodes.push({ region: next.region, kind, service, startMs, buildUpMs, holdMs, endMs });
    next.healthySinceMs = endMs;
  }
}

/** Round after round of every kind, each shuffled; sudden kills only in every second round. So whatever stretch of the schedule is
 *  looked at, nearly every kind is in it. */
function createDeck(random: Random, kinds: readonly FaultKind[]): () => FaultKind {
  if (kinds.length === 0) throw new RangeError("a schedule needs at least one kind of fault");
  const building = kinds.filter((kind) => kind !== "kill");
  let round = 0;
  let deck: FaultKind[] = [];
  return () => {
    if (deck.length === 0) {
      const withKill = building.length === 0 || (kinds.includes("kill") && round % 2 === 0);
      deck = shuffle(random, withKill ? [...building, "kill"] : building);
      round += 1;
    }
    return deck.pop() ?? "kill";
  };
}
