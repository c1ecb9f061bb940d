/** Errors of a kind that this service has not shown before. */
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt } from "../decayed.ts";
import { type FeatureSection, feature, orMissing, windowsSince } from "../section.ts";

const RATE = halfLives(4, 1008);

interface NewErrorsState {
  /** new fingerprints per window with data */
  rate: DecayedRatio;
  now: number | null;
  kindsNow: number | null;
  lastNewMs: number | null;
}

export const newErrorsSection: FeatureSection<NewErrorsState> = {
  create: () => ({ rate: createDecayedRatio(RATE), now: null, kindsNow: null, lastNewMs: null }),

  step(state, { stats, newFingerprintCount }, { steps, endMs }) {
    ageRatio(state.rate, RATE, steps);
    state.now = stats ? newFingerprintCount : null;
    state.kindsNow = stats ? countKeys(stats.fingerprints) : null;
    if (!stats) return;
    addRatio(state.rate, newFingerprintCount, 1);
    if (newFingerprintCount > 0) state.lastNewMs = endMs;
  },

  features: [
    feature("new_errors", "error.new.now", "{kind}", "kinds of error never seen before in the last window", (s) =>
      orMissing(s.now),
    ),
    ...RATE.windows.map((window, index) =>
      feature<NewErrorsState>(
        "new_errors",
        `error.new.h${window}`,
        "{kind}",
        `new kinds of error per window, half-life ${window} windows`,
        (s) => ratioAt(s.rate, index),
      ),
    ),
    feature("new_errors", "error.new.since", "{window}", "time since the last new kind of error", (s, context) =>
      windowsSince(s.lastNewMs, context),
    ),
    feature("new_errors", "error.kinds.now", "{kind}", "distinct kinds of error in the last window", (s) =>
      orMissing(s.kindsNow),
    ),
  ],
};

function countKeys(record: Readonly<Record<string, number>>): number {
  let count = 0;
  for (const key in record) if (record[key]! > 0) count++;
  return count;
}
