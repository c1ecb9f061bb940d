/** What plain scikit-learn reaches on the same test rows of the public files (docs/results.md): logistic regression and
 *  HistGradientBoostingClassifier on a handful of plain features. Constants, cited and not measured by us. */
import type { OutageStudy } from "../../datasets/outages/outage-study.ts";

export interface CitedScore {
  model: string;
  auc: number;
  /** absent where only others are known */
  averagePrecision?: number;
  brier?: number;
  f1?: number;
}

interface Citation {
  format: OutageStudy["format"];
  horizonMs: number;
  /** rows of the public file's test slice at that horizon, where known: numbers of other rows must not stand beside these */
  testRows: number | null;
  scores: CitedScore[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

const CITATIONS: readonly Citation[] = [
  {
    format: "websites-avt",
    horizonMs: 30 * MINUTE_MS,
    testRows: null,
    scores: [
      { model: "scikit-learn logistic", auc: 0.8192, averagePrecision: 0.2114, brier: 0.01471 },
      { model: "scikit-learn boosting", auc: 0.8245, averagePrecision: 0.2009, brier: 0.01485 },
    ],
  },
  {
    format: "websites-avt",
    horizonMs: 60 * MINUTE_MS,
    testRows: 113_680,
    scores: [
      { model: "scikit-learn logistic", auc: 0.8019, averagePrecision: 0.2671, brier: 0.02494 },
      { model: "scikit-learn boosting", auc: 0.8042, averagePrecision: 0.2481, brier: 0.0253 },
      { model: "… richer features, refit", auc: 0.8252, averagePrecision: 0.2964, brier: 0.02441 },
    ],
  },
  {
    format: "websites-avt",
    horizonMs: 180 * MINUTE_MS,
    testRows: null,
    scores: [
      { model: "scikit-learn logistic", auc: 0.7672, averagePrecision: 0.3135, brier: 0.05594 },
      { model: "scikit-learn boosting", auc: 0.7758, averagePrecision: 0.3121, brier: 0.05613 },
    ],
  },
  {
    format: "upptime-csv",
    horizonMs: 360 * MINUTE_MS,
    testRows: 27_847,
    scores: [
      { model: "scikit-learn logistic", auc: 0.8996, averagePrecision: 0.547, brier: 0.01273 },
      { model: "scikit-learn boosting", auc: 0.8891, averagePrecision: 0.5038, brier: 0.01372 },
    ],
  },
  {
    format: "pdm-csv",
    horizonMs: DAY_MS,
    testRows: 85_800,
    scores: [
      { model: "scikit-learn boosting", auc: 0.9998, f1: 0.947 },
      { model: "scikit-learn logistic", auc: 0.991, f1: 0.652 },
      { model: "errors of the last 24 h alone", auc: 0.978, f1: 0.573 },
    ],
  },
];

/** Cited scores that belong beside these test rows; none for other files and horizons. */
export function citedScores(study: OutageStudy, testRows: number): readonly CitedScore[] {
  const citation = CITATIONS.find(
    ({ format, horizonMs }) => format === study.format && horizonMs === study.horizonWindows * study.windowSizeMs,
  );
  if (!citation || (citation.testRows !== null && citation.testRows !== testRows)) return [];
  return citation.scores;
}
