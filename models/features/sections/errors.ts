/** How many errors there are now, and whether they grow. */
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt, timesOf } from "../decayed.ts";
import { type FeatureSection, feature, orMissing } from "../section.ts";

const RATIO = halfLives(2, 8, 32, 144, 1008);
const COUNT = halfLives(8, 144);
const LOGS = halfLives(4, 64);

interface ErrorsState {
  /** failed requests over requests */
  ratio: DecayedRatio;
  /** error records per window with data */
  count: DecayedRatio;
  errorLogs: DecayedRatio;
  warnLogs: DecayedRatio;
  nowRatio: number | null;
  nowCount: number | null;
  nowErrorLogs: number | null;
}

export const errorsSection: FeatureSection<ErrorsState> = {
  create: () => ({
    ratio: createDecayedRatio(RATIO),
    count: createDecayedRatio(COUNT),
    errorLogs: createDecayedRatio(LOGS),
    warnLogs: createDecayedRatio(LOGS),
    nowRatio: null,
    nowCount: null,
    nowErrorLogs: null,
  }),

  step(state, { stats }, { steps }) {
    ageRatio(state.ratio, RATIO, steps);
    ageRatio(state.count, COUNT, steps);
    ageRatio(state.errorLogs, LOGS, steps);
    ageRatio(state.warnLogs, LOGS, steps);
    state.nowRatio = stats && stats.requestCount > 0 ? stats.requestErrorCount / stats.requestCount : null;
    state.nowCount = stats ? stats.errorCount : null;
    state.nowErrorLogs = stats ? stats.errorLogCount : null;
    if (!stats) return;
    addRatio(state.ratio, stats.requestErrorCount, stats.requestCount);
    addRatio(state.count, stats.errorCount, 1);
    addRatio(state.errorLogs, stats.errorLogCount, 1);
    addRatio(state.warnLogs, stats.warnLogCount, 1);
  },

  features: [
    feature("error_level", "error.ratio.now", "1", "failed requests of all requests in the last window", (s) =>
      orMissing(s.nowRatio),
    ),
    ...RATIO.windows.map((window, index) =>
      feature<ErrorsState>(
        "error_level",
        `error.ratio.h${window}`,
        "1",
        `failed requests of all requests, half-life ${window} windows`,
        (s) => ratioAt(s.ratio, index),
      ),
    ),
    feature("error_level", "error.count.now", "{error}", "error records in the last window", (s) =>
      orMissing(s.nowCount),
    ),
    ...COUNT.windows.map((window, index) =>
      feature<ErrorsState>(
        "error_level",
        `error.count.h${window}`,
        "{error}",
        `error records per window, half-life ${window} windows`,
        (s) => ratioAt(s.count, index),
      ),
    ),
    feature("error_level", "error.logs.now", "{log}", "error log records in the last window", (s) =>
      orMissing(s.nowErrorLogs),
    ),

    feature(
      "error_trend",
      "error.ratio.rise.h2_h32",
      "1",
      "error ratio, half-life 2 less half-life 32 windows",
      (s) => ratioAt(s.ratio, 0) - ratioAt(s.ratio, 2),
    ),
    feature(
      "error_trend",
      "error.ratio.rise.h8_h144",
      "1",
      "error ratio, half-life 8 less half-life 144 windows",
      (s) => ratioAt(s.ratio, 1) - ratioAt(s.ratio, 3),
    ),
    feature(
      "error_trend",
      "error.count.growth.h8_h144",
      "1",
      "errors per window, half-life 8 as a multiple of 144",
      (s) => timesOf(ratioAt(s.count, 0), ratioAt(s.count, 1), 0.5),
    ),
    feature(
      "error_trend",
      "error.count.surprise",
      "1",
      "errors of the last window beyond the usual number, in Poisson standard deviations (half-life 144 windows)",
      (s) => {
        const usual = ratioAt(s.count, 1);
        return (orMissing(s.nowCount) - usual) / Math.sqrt(usual + 1);
      },
    ),
    feature(
      "error_trend",
      "error.logs.growth.h4_h64",
      "1",
      "error logs per window, half-life 4 as a multiple of 64",
      (s) => timesOf(ratioAt(s.errorLogs, 0), ratioAt(s.errorLogs, 1), 0.5),
    ),
    feature("error_trend", "error.warnings.growth.h4_h64", "1", "warning logs, half-life 4 as a multiple of 64", (s) =>
      timesOf(ratioAt(s.warnLogs, 0), ratioAt(s.warnLogs, 1), 0.5),
    ),
  ],
};
