/** Two series of probabilities for the same rows: their scores, and whether the difference is more than chance. The chance is which
 *  entities are in the record: rows of one entity are not independent, so entities are drawn as a whole (Field & Welsh 2007,
 *  "Bootstrapping clustered data", section 3.1, the cluster bootstrap). */
import { expectedCalibrationError } from "../../models/calibration/expected-calibration-error.ts";
import { auc, averagePrecision, brier } from "../evaluate/metrics.ts";
import { createRandom } from "../random.ts";

const METRICS = {
  auc,
  averagePrecision,
  brier,
  calibrationError: expectedCalibrationError,
} as const;
export type Metric = keyof typeof METRICS;

export interface ComparedScore {
  ours: number;
  theirs: number;
  /** ours less theirs */
  difference: number;
  /** 95 % of the differences over drawn entities */
  interval: { lower: number; upper: number };
  /** 0 lies in the interval */
  isWithinNoise: boolean;
}

export interface ScoredRows {
  /** all shape [n] */
  ours: Float64Array;
  theirs: Float64Array;
  outcome: Uint8Array;
  /** index of the entity */
  entity: Int32Array;
}

const DRAWS = 200;
const TAIL = 0.025;

export function compareScores(rows: ScoredRows, seed: number): Record<Metric, ComparedScore> {
  const members = new Map<number, number[]>();
  rows.entity.forEach((entity, row) => {
    const known = members.get(entity);
    if (known === undefined) members.set(entity, [row]);
    else known.push(row);
  });
  const draws = drawDifferences(rows, [...members.values()], seed);
  const compare = (metric: Metric): ComparedScore => {
    const ours = METRICS[metric](rows.ours, rows.outcome);
    const theirs = METRICS[metric](rows.theirs, rows.outcome);
    const sorted = draws
      .map((draw) => draw[metric])
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
    const interval = { lower: at(TAIL), upper: at(1 - TAIL) };
    const isWithinNoise = interval.lower <= 0 && interval.upper >= 0;
    return { ours, theirs, difference: ours - theirs, interval, isWithinNoise };
  };
  return {
    auc: compare("auc"),
    averagePrecision: compare("averagePrecision"),
    brier: compare("brier"),
    calibrationError: compare("calibrationError"),
  };
}

function drawDifferences(
  { ours, theirs, outcome }: ScoredRows,
  entities: readonly (readonly number[])[],
  seed: number,
): Record<Metric, number>[] {
  const random = createRandom(seed);
  return Array.from({ length: DRAWS }, () => {
    // Each index is below the number of entities.
    const drawn = entities.flatMap(() => entities[Math.floor(random.uniform() * entities.length)]!);
    const outcomes = Uint8Array.from(drawn, (row) => outcome[row]!);
    const first = Float64Array.from(drawn, (row) => ours[row]!);
    const second = Float64Array.from(drawn, (row) => theirs[row]!);
    const differenceIn = (metric: Metric) => METRICS[metric](first, outcomes) - METRICS[metric](second, outcomes);
    return {
      auc: differenceIn("auc"),
      averagePrecision: differenceIn("averagePrecision"),
      brier: differenceIn("brier"),
      calibrationError: differenceIn("calibrationError"),
    };
  });
}
