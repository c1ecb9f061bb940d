/** How slow the service answers, against its own usual. Baselines are means of logarithms, because durations are skewed. */
import { latencyQuantiles } from "../../windows/latency-quantile.ts";
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt } from "../decayed.ts";
import { type FeatureSection, feature, orMissing } from "../section.ts";

const P50 = halfLives(4, 64);
const P95 = halfLives(4, 32, 144, 1008);
/** index of half-life 144 in P95, whose spread is kept too */
const USUAL = 2;

interface LatencyState {
  logP50: DecayedRatio;
  logP95: DecayedRatio;
  /** squares of log p95 at half-life 144 */
  logP95Squares: DecayedRatio;
  nowP50Ms: number | null;
  nowP95Ms: number | null;
}

const SQUARES = halfLives(144);

export const latencySection: FeatureSection<LatencyState> = {
  create: () => ({
    logP50: createDecayedRatio(P50),
    logP95: createDecayedRatio(P95),
    logP95Squares: createDecayedRatio(SQUARES),
    nowP50Ms: null,
    nowP95Ms: null,
  }),

  step(state, { stats }, { steps }) {
    ageRatio(state.logP50, P50, steps);
    ageRatio(state.logP95, P95, steps);
    ageRatio(state.logP95Squares, SQUARES, steps);
    state.nowP50Ms = null;
    state.nowP95Ms = null;
    const quantiles = stats && latencyQuantiles(stats, [0.5, 0.95]);
    if (!quantiles) return;
    const [p50Ms, p95Ms] = [quantiles[0]!, quantiles[1]!];
    const logP50 = Math.log(Math.max(p50Ms, 1e-3));
    const logP95 = Math.log(Math.max(p95Ms, 1e-3));
    addRatio(state.logP50, logP50, 1);
    addRatio(state.logP95, logP95, 1);
    addRatio(state.logP95Squares, logP95 * logP95, 1);
    state.nowP50Ms = p50Ms;
    state.nowP95Ms = p95Ms;
  },

  features: [
    feature("latency", "latency.p50.now", "ms", "median duration of requests in the last window", (s) =>
      orMissing(s.nowP50Ms),
    ),
    feature("latency", "latency.p95.now", "ms", "95th percentile of durations in the last window", (s) =>
      orMissing(s.nowP95Ms),
    ),
    feature(
      "latency",
      "latency.p95.of_h32",
      "1",
      "95th percentile as a multiple of the usual (half-life 32 windows)",
      (s) => orMissing(s.nowP95Ms) / Math.exp(ratioAt(s.logP95, 1)),
    ),
    feature(
      "latency",
      "latency.p95.of_h1008",
      "1",
      "95th percentile as a multiple of the usual (half-life 1008)",
      (s) => orMissing(s.nowP95Ms) / Math.exp(ratioAt(s.logP95, 3)),
    ),
    feature(
      "latency",
      "latency.p95.growth.h4_h32",
      "1",
      "95th percentile, half-life 4 as a multiple of 32 windows",
      (s) => Math.exp(ratioAt(s.logP95, 0) - ratioAt(s.logP95, 1)),
    ),
    feature("latency", "latency.p50.growth.h4_h64", "1", "median, half-life 4 as a multiple of 64 windows", (s) =>
      Math.exp(ratioAt(s.logP50, 0) - ratioAt(s.logP50, 1)),
    ),
    feature(
      "latency",
      "latency.p95.surprise",
      "1",
      "log of the 95th percentile beyond its usual value, in standard deviations (half-life 144 windows)",
      (s) => {
        const mean = ratioAt(s.logP95, USUAL);
        const variance = Math.max(0, ratioAt(s.logP95Squares, 0) - mean * mean);
        return (Math.log(Math.max(orMissing(s.nowP95Ms), 1e-3)) - mean) / Math.sqrt(variance + 0.01);
      },
    ),
  ],
};
