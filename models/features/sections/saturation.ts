/** Resources that fill up, from OTLP gauges: utilisation ratios, memory, pools, queues, the runtime. Each gauge is followed by
 *  itself; a feature tells of the gauge of its kind that moved most, because one full pool is not made better by nine idle ones. */
import { OTHER } from "../../windows/bounded-map.ts";
import type { GaugeStats } from "../../windows/window-stats.ts";
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt } from "../decayed.ts";
import { type FeatureSection, feature } from "../section.ts";

const LEVEL = halfLives(2, 16, 128);
/** Gauges followed per service; the ones seen longest ago are forgotten first. */
const FOLLOWED = 32;

const KINDS = ["memory", "pool", "queue", "runtime"] as const;
type Kind = (typeof KINDS)[number];
type FollowedKind = Kind | "ratio" | "other";

const KIND_WORDS: Record<Kind, string> = {
  memory: "memory in use",
  pool: "connections or threads in use",
  queue: "waiting work",
  runtime: "processor or event-loop load",
};

interface FollowedGauge {
  name: string;
  kind: FollowedKind;
  level: DecayedRatio;
  now: number;
  lastSeenMs: number;
}

interface SaturationState {
  gauges: FollowedGauge[];
  /** end of the newest window with any gauge */
  lastSeenMs: number | null;
}

export const saturationSection: FeatureSection<SaturationState> = {
  create: () => ({ gauges: [], lastSeenMs: null }),

  step(state, { stats }, { steps, endMs }) {
    for (const gauge of state.gauges) ageRatio(gauge.level, LEVEL, steps);
    if (!stats) return;
    for (const name of Object.keys(stats.gauges).sort()) {
      const stat = stats.gauges[name]!;
      // those without a name of their own have no value
      if (stat.count <= 0 || name === OTHER) continue;
      const gauge = follow(state.gauges, name, stat);
      const mean = stat.sum / stat.count;
      addRatio(gauge.level, mean, 1);
      gauge.now = gauge.kind === "ratio" ? stat.max : mean;
      gauge.lastSeenMs = endMs;
      state.lastSeenMs = endMs;
    }
    if (state.gauges.length > FOLLOWED) {
      state.gauges.sort((a, b) => b.lastSeenMs - a.lastSeenMs || (a.name < b.name ? -1 : 1));
      state.gauges.length = FOLLOWED;
    }
  },

  features: [
    feature(
      "saturation",
      "saturation.ratio.max",
      "1",
      "fullest resource: highest utilisation in the last window with gauges",
      (s) => largest(s, "ratio", (gauge) => gauge.now),
    ),
    feature(
      "saturation",
      "saturation.ratio.rise.h2_h16",
      "1",
      "largest rise of a utilisation, half-life 2 less 16 windows",
      (s) => largest(s, "ratio", (gauge) => ratioAt(gauge.level, 0) - ratioAt(gauge.level, 1)),
    ),
    feature(
      "saturation",
      "saturation.ratio.rise.h16_h128",
      "1",
      "largest rise of a utilisation, half-life 16 less 128",
      (s) => largest(s, "ratio", (gauge) => ratioAt(gauge.level, 1) - ratioAt(gauge.level, 2)),
    ),
    ...KINDS.flatMap((kind) => [
      feature<SaturationState>(
        "saturation",
        `saturation.${kind}.growth.h2_h16`,
        "1",
        `${KIND_WORDS[kind]}, half-life 2 as a multiple of 16 windows`,
        (s) => largest(s, kind, (gauge) => growth(gauge, 0, 1)),
      ),
      feature<SaturationState>(
        "saturation",
        `saturation.${kind}.growth.h16_h128`,
        "1",
        `${KIND_WORDS[kind]}, half-life 16 as a multiple of 128 windows`,
        (s) => largest(s, kind, (gauge) => growth(gauge, 1, 2)),
      ),
    ]),
    feature(
      "saturation",
      "saturation.pool.now",
      "{connection}",
      "most connections or threads in use in one pool",
      (s) => largest(s, "pool", (gauge) => gauge.now),
    ),
    feature("saturation", "saturation.queue.now", "{item}", "longest queue", (s) =>
      largest(s, "queue", (gauge) => gauge.now),
    ),
  ],
};

/** What a gauge measures, by OpenTelemetry's naming habits. */
export function gaugeKind(name: string): FollowedKind {
  if (/utilization|\.ratio$/.test(name)) return "ratio";
  if (/pending|queue|backlog|\blag\b|wait|in_flight|active_requests/.test(name)) return "queue";
  if (/memory|heap|rss|\bgc\b.*bytes/.test(name)) return "memory";
  if (/connection|pool|thread|file_descriptor|handles/.test(name)) return "pool";
  if (/eventloop|event_loop|cpu|\bgc\b/.test(name)) return "runtime";
  return "other";
}

function follow(gauges: FollowedGauge[], name: string, stat: GaugeStats): FollowedGauge {
  const known = gauges.find((gauge) => gauge.name === name);
  if (known) return known;
  const gauge = { name, kind: gaugeKind(name), level: createDecayedRatio(LEVEL), now: stat.max, lastSeenMs: 0 };
  gauges.push(gauge);
  return gauge;
}

function growth(gauge: FollowedGauge, short: number, long: number): number {
  const baseline = ratioAt(gauge.level, long);
  // A pool or a queue that is usually empty still counts when it fills: one unit is the smallest baseline. Memory is in bytes.
  const unit = gauge.kind === "runtime" ? 0.01 : 1;
  return (ratioAt(gauge.level, short) + unit) / (baseline + unit);
}

function largest(state: SaturationState, kind: FollowedKind, measure: (gauge: FollowedGauge) => number): number {
  let value = Number.NaN;
  for (const gauge of state.gauges) {
    // A gauge that stopped reporting (a closed pool, a dead instance) must not speak for the present.
    if (gauge.kind !== kind || gauge.level.denominator[1]! < 0.2) continue;
    const measured = measure(gauge);
    if (!(measured <= value)) value = measured;
  }
  return value;
}
