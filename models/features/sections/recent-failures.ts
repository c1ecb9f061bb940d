/** The service's own record of failing: how often, how long, how regularly, how long ago. */
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt } from "../decayed.ts";
import { type FeatureSection, feature, orMissing, windowsSince } from "../section.ts";

const SHARE = halfLives(2, 8, 32, 144, 1008, 4032);
const ONSETS = halfLives(4, 8, 16, 32, 64, 144, 432, 1008, 4032);
const FLAPS = halfLives(16);
/** Weight of the newest outage in the averages over outages: a half-life of four outages. */
const EVENT_WEIGHT = 1 - 2 ** (-1 / 4);

interface RecentFailuresState {
  /** failed windows over windows whose state is known */
  share: DecayedRatio;
  /** onsets over known windows */
  onsets: DecayedRatio;
  /** changes between healthy and failed over known windows */
  flaps: DecayedRatio;
  /** last known state */
  failed: boolean | null;
  lastFailedEndMs: number | null;
  lastOnsetMs: number | null;
  /** windows of the outage that is running or ended last */
  outageWindows: number | null;
  meanOutageWindows: number | null;
  meanIntervalWindows: number | null;
  /** mean absolute deviation of intervals between onsets */
  intervalDeviationWindows: number | null;
  onsetCount: number;
  knownWindows: number;
}

export const recentFailuresSection: FeatureSection<RecentFailuresState> = {
  create: () => ({
    share: createDecayedRatio(SHARE),
    onsets: createDecayedRatio(ONSETS),
    flaps: createDecayedRatio(FLAPS),
    failed: null,
    lastFailedEndMs: null,
    lastOnsetMs: null,
    outageWindows: null,
    meanOutageWindows: null,
    meanIntervalWindows: null,
    intervalDeviationWindows: null,
    onsetCount: 0,
    knownWindows: 0,
  }),

  step(state, { failed, startMs, windowSizeMs }, { steps, endMs }) {
    ageRatio(state.share, SHARE, steps);
    ageRatio(state.onsets, ONSETS, steps);
    ageRatio(state.flaps, FLAPS, steps);
    if (failed === null) return;
    const before = state.failed;
    const onset = failed && before === false;
    addRatio(state.share, failed ? 1 : 0, 1);
    addRatio(state.onsets, onset ? 1 : 0, 1);
    addRatio(state.flaps, before !== null && before !== failed ? 1 : 0, 1);
    state.knownWindows++;
    if (onset) recordOnset(state, startMs, windowSizeMs);
    if (failed) {
      state.outageWindows = onset || before !== true ? 1 : (state.outageWindows ?? 0) + 1;
      state.lastFailedEndMs = endMs;
    } else if (before === true && state.outageWindows !== null) {
      state.meanOutageWindows = blend(state.meanOutageWindows, state.outageWindows);
    }
    state.failed = failed;
  },

  features: [
    ...SHARE.windows.map((window, index) =>
      feature<RecentFailuresState>(
        "recent_failures",
        `failure.share.h${window}`,
        "1",
        `windows spent failing, half-life ${window} windows`,
        (s) => ratioAt(s.share, index),
      ),
    ),
    ...ONSETS.windows.map((window, index) =>
      feature<RecentFailuresState>(
        "recent_failures",
        `failure.onsets.h${window}`,
        "{onset}",
        `failures that began per window, half-life ${window} windows`,
        (s) => ratioAt(s.onsets, index),
      ),
    ),
    feature("recent_failures", "failure.since", "{window}", "time since the last failed window", (s, context) =>
      windowsSince(s.lastFailedEndMs, context),
    ),
    feature("recent_failures", "failure.onset.since", "{window}", "time since the last failure began", (s, context) =>
      windowsSince(s.lastOnsetMs, context),
    ),
    feature("recent_failures", "failure.length.last", "{window}", "length of the last failure", (s) =>
      orMissing(s.outageWindows),
    ),
    feature("recent_failures", "failure.length.mean", "{window}", "mean length of the last failures", (s) =>
      orMissing(s.meanOutageWindows),
    ),
    feature("recent_failures", "failure.interval.mean", "{window}", "mean time between the last onsets", (s) =>
      orMissing(s.meanIntervalWindows),
    ),
    feature(
      "recent_failures",
      "failure.interval.due",
      "1",
      "time since the last onset as a multiple of the mean time between onsets",
      (s, context) => windowsSince(s.lastOnsetMs, context) / orMissing(s.meanIntervalWindows),
    ),
    feature(
      "recent_failures",
      "failure.interval.irregularity",
      "1",
      "mean deviation of the time between onsets over its mean: 0 is clockwork",
      (s) => orMissing(s.intervalDeviationWindows) / orMissing(s.meanIntervalWindows),
    ),
    ...FLAPS.windows.map((window, index) =>
      feature<RecentFailuresState>(
        "recent_failures",
        `failure.flaps.h${window}`,
        "{change}",
        `changes between healthy and failing per window, half-life ${window} windows`,
        (s) => ratioAt(s.flaps, index),
      ),
    ),
    feature("recent_failures", "failure.onsets.total", "{onset}", "failures that began since the first window", (s) =>
      s.knownWindows > 0 ? s.onsetCount : Number.NaN,
    ),
    feature("recent_failures", "history.windows", "{window}", "windows whose state is known", (s) => s.knownWindows),
  ],
};

function recordOnset(state: RecentFailuresState, startMs: number, windowSizeMs: number): void {
  if (state.lastOnsetMs !== null) {
    const interval = (startMs - state.lastOnsetMs) / windowSizeMs;
    const expected = state.meanIntervalWindows ?? interval;
    state.intervalDeviationWindows = blend(state.intervalDeviationWindows, Math.abs(interval - expected));
    state.meanIntervalWindows = blend(state.meanIntervalWindows, interval);
  }
  state.lastOnsetMs = startMs;
  state.onsetCount++;
}

function blend(mean: number | null, value: number): number {
  return mean === null ? value : mean + EVENT_WEIGHT * (value - mean);
}
