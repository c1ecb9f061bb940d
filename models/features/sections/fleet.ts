/** What the whole fleet did in the same windows: trouble that is not the service's own. */
import { addRatio, ageRatio, createDecayedRatio, type DecayedRatio, halfLives, ratioAt } from "../decayed.ts";
import { type FeatureSection, feature, orMissing } from "../section.ts";

const FAILED = halfLives(4, 32, 144);
const ONSETS = halfLives(2, 8, 32, 144);
const ERRORS = halfLives(8, 144);

interface FleetState {
  /** failed over reporting services */
  failed: DecayedRatio;
  onsets: DecayedRatio;
  /** failed requests over requests */
  errors: DecayedRatio;
  nowFailed: number | null;
  nowOnsets: number | null;
  nowErrorRatio: number | null;
}

export const fleetSection: FeatureSection<FleetState> = {
  create: () => ({
    failed: createDecayedRatio(FAILED),
    onsets: createDecayedRatio(ONSETS),
    errors: createDecayedRatio(ERRORS),
    nowFailed: null,
    nowOnsets: null,
    nowErrorRatio: null,
  }),

  step(state, { fleet }, { steps }) {
    ageRatio(state.failed, FAILED, steps);
    ageRatio(state.onsets, ONSETS, steps);
    ageRatio(state.errors, ERRORS, steps);
    addRatio(state.failed, fleet.failedCount, fleet.reportingCount);
    addRatio(state.onsets, fleet.onsetCount, fleet.reportingCount);
    addRatio(state.errors, fleet.requestErrorCount, fleet.requestCount);
    const reporting = fleet.reportingCount;
    state.nowFailed = reporting > 0 ? fleet.failedCount / reporting : null;
    state.nowOnsets = reporting > 0 ? fleet.onsetCount / reporting : null;
    state.nowErrorRatio = fleet.requestCount > 0 ? fleet.requestErrorCount / fleet.requestCount : null;
  },

  features: [
    feature("fleet", "fleet.failed.now", "1", "share of reporting services that fail in the last window", (s) =>
      orMissing(s.nowFailed),
    ),
    ...FAILED.windows.map((window, index) =>
      feature<FleetState>(
        "fleet",
        `fleet.failed.h${window}`,
        "1",
        `share of reporting services that fail, half-life ${window} windows`,
        (s) => ratioAt(s.failed, index),
      ),
    ),
    feature(
      "fleet",
      "fleet.onsets.now",
      "1",
      "share of reporting services that began to fail in the last window",
      (s) => orMissing(s.nowOnsets),
    ),
    ...ONSETS.windows.map((window, index) =>
      feature<FleetState>(
        "fleet",
        `fleet.onsets.h${window}`,
        "1",
        `share of reporting services that begin to fail per window, half-life ${window} windows`,
        (s) => ratioAt(s.onsets, index),
      ),
    ),
    feature(
      "fleet",
      "fleet.error_ratio.now",
      "1",
      "failed requests of all requests of the fleet in the last window",
      (s) => orMissing(s.nowErrorRatio),
    ),
    feature(
      "fleet",
      "fleet.error_ratio.rise",
      "1",
      "the fleet's error ratio, half-life 8 less half-life 144 windows",
      (s) => ratioAt(s.errors, 0) - ratioAt(s.errors, 1),
    ),
  ],
};
