/** When it is, and how this service fared at this time on earlier days and weeks. */
import {
  addToSlot,
  createSeasonalProfile,
  periodTotals,
  type SeasonalProfile,
  type SeasonalShape,
  spanTotals,
} from "../seasonal-profile.ts";
import { type FeatureSection, feature } from "../section.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY: SeasonalShape = { periodMs: DAY_MS, slotMs: HOUR_MS / 2, halfLifePeriods: 10 };
/** The last few days only: what a job that was moved last week says about tonight. */
const RECENT: SeasonalShape = { periodMs: DAY_MS, slotMs: HOUR_MS / 2, halfLifePeriods: 2 };
const WEEK: SeasonalShape = { periodMs: 7 * DAY_MS, slotMs: HOUR_MS, halfLifePeriods: 4 };
const ONSET = 0;
const FAILED = 1;
/** Onsets, seen and expected alike, that are added before a slot is called better or worse than usual: a slot in which little was to
 *  be expected says little, however long it has been watched. */
const LIFT_SHRINKAGE = 1;

interface TimeOfDayState {
  byDay: SeasonalProfile;
  byDayRecent: SeasonalProfile;
  byWeek: SeasonalProfile;
  failed: boolean | null;
}

export const timeOfDaySection: FeatureSection<TimeOfDayState> = {
  create: () => ({
    byDay: createSeasonalProfile(DAY, 2),
    byDayRecent: createSeasonalProfile(RECENT, 1),
    byWeek: createSeasonalProfile(WEEK, 1),
    failed: null,
  }),

  step(state, { failed, startMs, windowSizeMs }) {
    if (failed === null) return;
    const onset = failed && state.failed === false ? 1 : 0;
    addToSlot(state.byDay, DAY, startMs, windowSizeMs, [onset, failed ? 1 : 0]);
    addToSlot(state.byDayRecent, RECENT, startMs, windowSizeMs, [onset]);
    addToSlot(state.byWeek, WEEK, startMs, windowSizeMs, [onset]);
    state.failed = failed;
  },

  features: [
    feature("time_of_day", "time.day.sin", "1", "time of day (UTC) on a circle, sine", (_, { endMs }) =>
      Math.sin((2 * Math.PI * (endMs % DAY_MS)) / DAY_MS),
    ),
    feature("time_of_day", "time.day.cos", "1", "time of day (UTC) on a circle, cosine", (_, { endMs }) =>
      Math.cos((2 * Math.PI * (endMs % DAY_MS)) / DAY_MS),
    ),
    feature("time_of_day", "time.week.sin", "1", "time of week (UTC) on a circle, sine", (_, { endMs }) =>
      Math.sin((2 * Math.PI * (endMs % WEEK.periodMs)) / WEEK.periodMs),
    ),
    feature("time_of_day", "time.week.cos", "1", "time of week (UTC) on a circle, cosine", (_, { endMs }) =>
      Math.cos((2 * Math.PI * (endMs % WEEK.periodMs)) / WEEK.periodMs),
    ),
    feature(
      "time_of_day",
      "time.onsets.next_1h",
      "{onset}",
      "onsets per window in the coming hour on earlier days",
      (s, c) => spanMean(s.byDay, DAY, ONSET, c.endMs, HOUR_MS),
    ),
    feature(
      "time_of_day",
      "time.onsets.next_1h_recent",
      "{onset}",
      "onsets per window in the coming hour on the last days",
      (s, c) => spanMean(s.byDayRecent, RECENT, ONSET, c.endMs, HOUR_MS),
    ),
    feature(
      "time_of_day",
      "time.onsets.next_6h",
      "{onset}",
      "onsets per window in the coming 6 h on earlier days",
      (s, c) => spanMean(s.byDay, DAY, ONSET, c.endMs, 6 * HOUR_MS),
    ),
    feature(
      "time_of_day",
      "time.onsets.last_1h",
      "{onset}",
      "onsets per window in the past hour on this and earlier days",
      (s, c) => spanMean(s.byDay, DAY, ONSET, c.endMs - HOUR_MS, HOUR_MS),
    ),
    feature(
      "time_of_day",
      "time.failed.next_1h",
      "1",
      "windows spent failing in the coming hour on earlier days",
      (s, c) => spanMean(s.byDay, DAY, FAILED, c.endMs, HOUR_MS),
    ),
    feature(
      "time_of_day",
      "time.lift.next_1h",
      "1",
      "onsets in the coming hour of earlier days as a multiple of the day's mean",
      (s, c) => lift(s.byDay, DAY, c.endMs),
    ),
    feature(
      "time_of_day",
      "time.lift.next_1h_of_week",
      "1",
      "onsets in the coming hour of earlier weeks as a multiple of the mean",
      (s, c) => lift(s.byWeek, WEEK, c.endMs),
    ),
  ],
};

function spanMean(profile: SeasonalProfile, shape: SeasonalShape, measure: number, fromMs: number, lengthMs: number) {
  const { sum, weight } = spanTotals(profile, shape, measure, fromMs, lengthMs);
  return weight > 0 ? sum / weight : Number.NaN;
}

function lift(profile: SeasonalProfile, shape: SeasonalShape, fromMs: number): number {
  const all = periodTotals(profile, ONSET);
  if (all.sum <= 0) return Number.NaN;
  const mean = all.sum / all.weight;
  const span = spanTotals(profile, shape, ONSET, fromMs, HOUR_MS);
  return (span.sum + LIFT_SHRINKAGE) / (span.weight * mean + LIFT_SHRINKAGE);
}
