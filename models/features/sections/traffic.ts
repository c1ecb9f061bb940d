/** How much the service is asked, against its own usual level and the same hour of earlier days and weeks. */
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt, timesOf } from "../decayed.ts";
import { addToSlot, createSeasonalProfile, type SeasonalProfile, slotMean } from "../seasonal-profile.ts";
import { type FeatureSection, feature, orMissing, windowsSince } from "../section.ts";

const REQUESTS = halfLives(2, 16, 144, 1008);
const SILENCE = halfLives(8);
const CALLS = halfLives(4, 144);
const HOUR_MS = 3_600_000;
const DAY = { periodMs: 24 * HOUR_MS, slotMs: HOUR_MS, halfLifePeriods: 5 };
const WEEK = { periodMs: 7 * 24 * HOUR_MS, slotMs: HOUR_MS, halfLifePeriods: 3 };
/** Two quiet levels below about one request per window are about equal. */
const ONE_REQUEST = 1;

interface TrafficState {
  /** requests per window with data */
  requests: DecayedRatio;
  /** windows without data over windows */
  silence: DecayedRatio;
  /** outgoing calls over requests */
  calls: DecayedRatio;
  byHourOfDay: SeasonalProfile;
  byHourOfWeek: SeasonalProfile;
  now: number | null;
  /** what the profiles expected of the newest window before they learned from it */
  expectedByDay: number | null;
  expectedByWeek: number | null;
  lastDataEndMs: number | null;
}

export const trafficSection: FeatureSection<TrafficState> = {
  create: () => ({
    requests: createDecayedRatio(REQUESTS),
    silence: createDecayedRatio(SILENCE),
    calls: createDecayedRatio(CALLS),
    byHourOfDay: createSeasonalProfile(DAY, 1),
    byHourOfWeek: createSeasonalProfile(WEEK, 1),
    now: null,
    expectedByDay: null,
    expectedByWeek: null,
    lastDataEndMs: null,
  }),

  step(state, { stats, startMs, windowSizeMs }, { steps, endMs }) {
    ageRatio(state.requests, REQUESTS, steps);
    ageRatio(state.silence, SILENCE, steps);
    ageRatio(state.calls, CALLS, steps);
    addRatio(state.silence, stats ? 0 : 1, 1);
    state.expectedByDay = slotMean(state.byHourOfDay, DAY, 0, startMs);
    state.expectedByWeek = slotMean(state.byHourOfWeek, WEEK, 0, startMs);
    state.now = stats ? stats.requestCount : null;
    if (!stats) return;
    state.lastDataEndMs = endMs;
    addRatio(state.requests, stats.requestCount, 1);
    addRatio(state.calls, stats.callCount, stats.requestCount);
    addToSlot(state.byHourOfDay, DAY, startMs, windowSizeMs, [stats.requestCount]);
    addToSlot(state.byHourOfWeek, WEEK, startMs, windowSizeMs, [stats.requestCount]);
  },

  features: [
    feature("traffic", "traffic.requests.now", "{request}", "requests in the last window", (s) => orMissing(s.now)),
    ...[2, 3].map((index) =>
      feature<TrafficState>(
        "traffic",
        `traffic.requests.of_h${REQUESTS.windows[index]}`,
        "1",
        `requests of the last window as a multiple of the usual (half-life ${REQUESTS.windows[index]} windows)`,
        (s) => timesOf(orMissing(s.now), ratioAt(s.requests, index), ONE_REQUEST),
      ),
    ),
    feature(
      "traffic",
      "traffic.requests.of_hour_of_day",
      "1",
      "requests as a multiple of this hour on earlier days",
      (s) => timesOf(orMissing(s.now), orMissing(s.expectedByDay), ONE_REQUEST),
    ),
    feature(
      "traffic",
      "traffic.requests.of_hour_of_week",
      "1",
      "requests as a multiple of this hour in earlier weeks",
      (s) => timesOf(orMissing(s.now), orMissing(s.expectedByWeek), ONE_REQUEST),
    ),
    feature("traffic", "traffic.requests.growth", "1", "requests per window, half-life 2 as a multiple of 16", (s) =>
      timesOf(ratioAt(s.requests, 0), ratioAt(s.requests, 1), ONE_REQUEST),
    ),
    feature("traffic", "traffic.silence.h8", "1", "windows without any data, half-life 8 windows", (s) =>
      ratioAt(s.silence, 0),
    ),
    feature("traffic", "traffic.silence.since", "{window}", "time since anything arrived", (s, context) =>
      windowsSince(s.lastDataEndMs, context),
    ),
    feature(
      "traffic",
      "traffic.calls_per_request.growth",
      "1",
      "calls per request, half-life 4 as a multiple of 144",
      (s) => timesOf(ratioAt(s.calls, 0), ratioAt(s.calls, 1), 0.1),
    ),
  ],
};
