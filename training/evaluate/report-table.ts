/** The evaluation's table, as text for a terminal. */
import { describeDuration } from "../../models/predictor/describe-value.ts";
import type { OutagesReport } from "./outages.ts";
import type { Score } from "./score.ts";

const COLUMNS: readonly { title: string; cell(score: Score): string }[] = [
  { title: "AUC", cell: (score) => score.auc.toFixed(4) },
  { title: "AP", cell: (score) => score.averagePrecision.toFixed(4) },
  { title: "Brier", cell: (score) => score.brier.toFixed(5) },
  { title: "skill", cell: (score) => score.brierSkill.toFixed(4) },
  { title: "ECE", cell: (score) => score.calibrationError.toFixed(4) },
  { title: "accuracy", cell: (score) => score.accuracy.toFixed(4) },
  { title: "F1", cell: (score) => score.f1.toFixed(3) },
  { title: "warned", cell: (score) => `${score.onsetsWarned}/${score.onsets}` },
  { title: "lead", cell: (score) => (Number.isNaN(score.medianLeadMs) ? "-" : describeDuration(score.medianLeadMs)) },
];

const NAMES = { hazard: "hazard model", logistic: "logistic", prior: "prior" } as const;

export function reportTable(report: OutagesReport): string {
  const { models, cited, rows } = report;
  const test = models.hazard.test;
  const body = (["hazard", "logistic", "prior"] as const).map((name) => [
    NAMES[name],
    ...COLUMNS.map((column) => column.cell(models[name].test)),
  ]);
  const citedBody = cited.map((score) => [
    `${score.model} *`,
    score.auc.toFixed(4),
    score.averagePrecision?.toFixed(4) ?? "",
    score.brier?.toFixed(5) ?? "",
    ...["", "", ""],
    score.f1?.toFixed(3) ?? "",
  ]);
  const lines = [
    `${report.format}, an outage starts within ${describeDuration(report.horizonMs)}: ${rows.test} test rows of ${report.series} entities, ${(100 * test.positiveShare).toFixed(2)} % positive; base-rate Brier ${test.baseRateBrier.toFixed(5)}`,
    "",
    ...alignColumns([["test slice", ...COLUMNS.map((column) => column.title)], ...body, ...citedBody]),
    "",
    "skill = 1 - Brier / base-rate Brier. F1, warned and lead at the threshold with the best F1 on validation. Lead: median time",
    "from the first alarm within the horizon to the window in which the outage begins, over the onsets warned of.",
  ];
  lines.push(intervalLine(report.intervals));
  if (cited.length > 0) lines.push("* cited: plain scikit-learn on the same rows and split, not measured here.");
  const seconds = Object.entries(report.wallMs).map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`);
  lines.push(
    `fit on ${report.fit.rows} rows x ${report.fit.inputs} inputs, ${report.fit.epochs} epochs, ${report.fit.backend}, ` +
      `${report.fit.trees} trees with a share of ${report.fit.treeShare}; ${seconds.join(", ")}`,
  );
  return lines.join("\n");
}

function intervalLine(intervals: OutagesReport["intervals"]): string {
  if (intervals === null) return "90 % intervals of the hazard network: too few events to check them.";
  const { bins, covered, meanWidth, coveredWithoutWidth } = intervals;
  return `90 % intervals of the hazard network: cover the observed rate in ${covered} of ${bins} bins of similar scores (${Math.round(100 * coveredWithoutWidth)} % without any width), mean width ${meanWidth.toFixed(4)}`;
}

export function alignColumns(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
  );
}
