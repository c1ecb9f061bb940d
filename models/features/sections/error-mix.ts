/** Which classes of error a service shows, how long ago it last showed each, and whether the mix has shifted. */
import { ERROR_CLASSES, type ErrorVerdict } from "../../taxonomy/classes.ts";
import { ageSum, halfLives } from "../decayed.ts";
import { type FeatureSection, feature, orMissing, windowsSince } from "../section.ts";

const LIVES = halfLives(16, 256);
const VERDICTS: readonly ErrorVerdict[] = [...ERROR_CLASSES, "unknown"];
/** Fewer errors than this, after decay, make no mix. */
const ENOUGH_ERRORS = 0.5;

interface ErrorMixState {
  /** errors by verdict, half-life 16 windows, in the order of `VERDICTS` */
  recent: number[];
  /** the same, half-life 256 windows */
  usual: number[];
  /** end of the newest window with an error of the class; null: never, in the order of `VERDICTS` */
  lastMs: (number | null)[];
  /** share of the most frequent fingerprint in the newest window that had errors */
  concentration: number | null;
}

export const errorMixSection: FeatureSection<ErrorMixState> = {
  create: () => ({
    recent: VERDICTS.map(() => 0),
    usual: VERDICTS.map(() => 0),
    lastMs: VERDICTS.map(() => null),
    concentration: null,
  }),

  step(state, { stats }, { steps, endMs }) {
    for (let index = 0; index < VERDICTS.length; index++) {
      const count = stats?.classes[VERDICTS[index]!] ?? 0;
      state.recent[index] = ageSum(state.recent[index]!, LIVES.factors[0]!, steps) + count;
      state.usual[index] = ageSum(state.usual[index]!, LIVES.factors[1]!, steps) + count;
      if (count > 0) state.lastMs[index] = endMs;
    }
    state.concentration = stats ? topShare(stats.fingerprints) : null;
  },

  features: [
    ...ERROR_CLASSES.map((name, index) =>
      feature<ErrorMixState>(
        "error_mix",
        `error.share.${name}`,
        "1",
        `errors of class ${name} of all errors, half-life 16 windows`,
        (s) => {
          const total = sum(s.recent);
          return total < ENOUGH_ERRORS ? Number.NaN : s.recent[index]! / total;
        },
      ),
    ),
    ...ERROR_CLASSES.map((name, index) =>
      feature<ErrorMixState>(
        "error_mix",
        `error.since.${name}`,
        "{window}",
        `time since the last error of class ${name}`,
        (s, context) => windowsSince(s.lastMs[index]!, context),
      ),
    ),
    feature(
      "error_mix",
      "error.mix.shift",
      "1",
      "share of errors that would have to change class to turn the usual mix (half-life 256) into the recent one (16)",
      (s) => {
        const recent = sum(s.recent);
        const usual = sum(s.usual);
        if (recent < ENOUGH_ERRORS || usual < ENOUGH_ERRORS) return Number.NaN;
        let distance = 0;
        for (let index = 0; index < VERDICTS.length; index++) {
          distance += Math.abs(s.recent[index]! / recent - s.usual[index]! / usual);
        }
        return distance / 2;
      },
    ),
    feature("error_mix", "error.concentration.now", "1", "share of the most frequent kind in the last window", (s) =>
      orMissing(s.concentration),
    ),
  ],
};

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function topShare(fingerprints: Readonly<Record<string, number>>): number | null {
  let total = 0;
  let top = 0;
  for (const key in fingerprints) {
    const count = fingerprints[key]!;
    total += count;
    if (count > top) top = count;
  }
  return total > 0 ? top / total : null;
}
