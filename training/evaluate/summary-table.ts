/** All public records side by side: ours against the best that plain peers reach, metric by metric. */
import { describeDuration } from "../../models/predictor/describe-value.ts";
import type { CitedScore } from "./cited.ts";
import type { OutagesReport } from "./outages.ts";
import { alignColumns } from "./report-table.ts";
import type { Score } from "./score.ts";

interface Metric {
  title: string;
  digits: number;
  ours(score: Score): number;
  theirs(score: CitedScore): number | undefined;
  isBetter(a: number, b: number): boolean;
}

const higher = (a: number, b: number): boolean => a > b;
const METRICS: readonly Metric[] = [
  { title: "AUC", digits: 4, ours: (score) => score.auc, theirs: (score) => score.auc, isBetter: higher },
  {
    ...{ title: "AP", digits: 4, isBetter: higher },
    ours: (score) => score.averagePrecision,
    theirs: (score) => score.averagePrecision,
  },
  {
    ...{ title: "Brier", digits: 5, isBetter: (a, b) => a < b },
    ours: (score) => score.brier,
    theirs: (score) => score.brier,
  },
  { title: "F1", digits: 3, ours: (score) => score.f1, theirs: (score) => score.f1, isBetter: higher },
];

/** One line per record: per metric ours, the best cited one where there is one, and a mark where ours is better. */
export function summaryTable(reports: readonly OutagesReport[]): string {
  const head = ["test slice", ...METRICS.flatMap(({ title }) => [title, "best cited", ""]), "ECE"];
  const body = reports.map((report) => {
    const score = report.models.hazard.test;
    const name = `${report.format}, ${describeDuration(report.horizonMs)}`;
    return [
      name,
      ...METRICS.flatMap((metric) => compare(metric, score, report.cited)),
      score.calibrationError.toFixed(4),
    ];
  });
  return [...alignColumns([head, ...body]), "", "+ better than the best cited, - not better"].join("\n");
}

function compare(metric: Metric, score: Score, cited: readonly CitedScore[]): string[] {
  const ours = metric.ours(score);
  let best: number | undefined;
  for (const one of cited) {
    const value = metric.theirs(one);
    if (value !== undefined && (best === undefined || metric.isBetter(value, best))) best = value;
  }
  const mark = best === undefined ? "" : metric.isBetter(ours, best) ? "+" : "-";
  return [ours.toFixed(metric.digits), best?.toFixed(metric.digits) ?? "", mark];
}
