/** Whether a candidate may become champion. Pure: numbers in, written verdict out. Every rule is stated with its value and its
 *  limit, also the ones that passed, and a value that is not a number passes nothing.
 *
 *  All numbers are of the validation slice, which is later in time than everything that the candidate was fitted or calibrated on:
 *  - enough:       at least `minRows` rows, and more than one outcome among them; else nothing is shown by the rest
 *  - accuracy:     strictly greater than `minAccuracy`, deciding for what is more probable than not
 *  - majority:     accuracy not below that of always answering the commonest outcome by more than chance (`SURE` standard errors). Where
 *                  failures are rare a useful predictor can only tie here (few hours are more likely than not to bring a failure), and
 *                  falls a few rows to this side or the other, so skill carries the comparison
 *  - skill:        Brier skill score, 1 − Brier / Brier of the slice's own outcome rates, greater than 0 by more than chance would make it
 *                  (`SURE` standard errors): no constant answer, not even one chosen in hindsight, does as well
 *  - calibration:  error at most `maxCalibrationError` (calibration-error.ts says how it is estimated)
 *  - leak:         no feature tells what nobody could have observed beforehand (find-leaks.ts)
 *  - champion:     mean log loss not above the champion's on the same rows */

export interface GateLimits {
  minAccuracy: number;
  maxCalibrationError: number;
  minRows: number;
}

/** Both models scored on the same rows; differences are candidate − champion, so negative is better. */
export interface ChampionComparison {
  version: string;
  rows: number;
  logLossDifference: number;
  /** of the mean difference, robust to rows that share an outcome */
  standardError: number;
  brierDifference: number;
}

export interface GateInput {
  rows: number;
  /** distinct outcomes (classes) that occur in the slice */
  distinctOutcomes: number;
  accuracy: number;
  majorityAccuracy: number;
  /** standard error of accuracy − majorityAccuracy, robust to rows that share an outcome; absent: nothing is put down to chance */
  majorityDifferenceError?: number;
  brierSkill: number;
  /** standard error of the skill, robust to rows that share an outcome */
  brierSkillError: number;
  calibrationError: number;
  /** names of features into which the label has leaked; absent when that was not looked for */
  leaks?: readonly string[];
  /** null when there is no champion to compare with */
  champion: ChampionComparison | null;
  /** why a champion that exists could not be compared, if so */
  championNote?: string;
}

export type GateRuleName =
  | "enough_data"
  | "both_outcomes"
  | "accuracy"
  | "majority"
  | "skill"
  | "calibration"
  | "leak"
  | "champion";

interface GateRule {
  rule: GateRuleName;
  passed: boolean;
  value: number;
  limit: number;
  sentence: string;
}

export interface GateVerdict {
  passed: boolean;
  /** one sentence: that it passed, or every rule that failed */
  reason: string;
  rules: GateRule[];
}

/** One-sided 95 %: standard normal quantile. Of many candidates without skill, the few lucky ones must not come through. */
const SURE = 1.645;

/** Fewer validation rows than this show nothing. */
export const MIN_VALIDATION_ROWS = 100;

/** Judges one candidate. @returns the verdict with every number in it */
export function judge(input: GateInput, limits: GateLimits): GateVerdict {
  const { champion } = input;
  const majorityLimit = input.majorityAccuracy - SURE * (input.majorityDifferenceError ?? 0);
  const rules: GateRule[] = [
    {
      rule: "enough_data",
      passed: input.rows >= limits.minRows,
      value: input.rows,
      limit: limits.minRows,
      sentence: `${input.rows} validation rows, at least ${limits.minRows} are needed`,
    },
    {
      rule: "both_outcomes",
      passed: input.distinctOutcomes >= 2,
      value: input.distinctOutcomes,
      limit: 2,
      sentence: `${input.distinctOutcomes} distinct outcomes in the validation rows, at least 2 are needed`,
    },
    {
      rule: "accuracy",
      passed: input.accuracy > limits.minAccuracy,
      value: input.accuracy,
      limit: limits.minAccuracy,
      sentence: `accuracy ${show(input.accuracy)} must be above ${show(limits.minAccuracy)}`,
    },
    {
      rule: "majority",
      passed: input.accuracy >= majorityLimit,
      value: input.accuracy,
      limit: majorityLimit,
      sentence:
        `accuracy ${show(input.accuracy)} must reach ${show(majorityLimit)}: always answering the commonest outcome has ` +
        `${show(input.majorityAccuracy)}, less what chance may take`,
    },
    {
      rule: "skill",
      passed: input.brierSkill > 0 && input.brierSkill > SURE * input.brierSkillError,
      value: input.brierSkill,
      limit: SURE * input.brierSkillError,
      sentence: `Brier skill ${show(input.brierSkill)} over the base rate must be above 0 by more than chance, ${show(SURE * input.brierSkillError)}`,
    },
    {
      rule: "calibration",
      passed: input.calibrationError <= limits.maxCalibrationError,
      value: input.calibrationError,
      limit: limits.maxCalibrationError,
      sentence: `calibration error ${show(input.calibrationError)} must be at most ${show(limits.maxCalibrationError)}`,
    },
  ];
  if (input.leaks !== undefined) {
    rules.push({
      rule: "leak",
      passed: input.leaks.length === 0,
      value: input.leaks.length,
      limit: 0,
      sentence:
        input.leaks.length === 0
          ? "no feature tells what nobody could have observed"
          : `${input.leaks.join(", ")} tells what nobody could have observed: the label must have leaked into it`,
    });
  }
  if (champion !== null) {
    rules.push({
      rule: "champion",
      passed: champion.logLossDifference <= 0,
      value: champion.logLossDifference,
      limit: 0,
      sentence:
        `log loss minus that of champion ${champion.version} on the same ${champion.rows} rows is ` +
        `${show(champion.logLossDifference)} ± ${show(champion.standardError)}, must be at most 0`,
    });
  }
  return conclude(rules, input.championNote);
}

/** The verdict for data that does not reach as far as a fit. @param reason starts with "not enough" */
export function refuseForLackOfData(reason: string, have: number, need: number): GateVerdict {
  return conclude([{ rule: "enough_data", passed: false, value: have, limit: need, sentence: reason }]);
}

function conclude(rules: GateRule[], note?: string): GateVerdict {
  const failed = rules.filter((rule) => !rule.passed);
  const passed = failed.length === 0;
  const sentences = passed ? ["every rule of the gate is met"] : failed.map((rule) => rule.sentence);
  return { passed, reason: [...sentences, ...(note === undefined ? [] : [note])].join("; "), rules };
}

function show(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toFixed(4))) : String(value);
}
