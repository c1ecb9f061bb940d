/** The report as text for a terminal. */
import type { Difference } from "./compare-voices.ts";
import { type Comparison, type ErrorsReport, type SliceScore, VOICE_NAMES } from "./errors-report.ts";

export function printReport(report: ErrorsReport): string {
  const { rows, families, test, modelVersion, train, remembered } = report;
  const lines = [
    `errors: ${rows} of ${families} families of ${test}; model ${modelVersion} (train ${train}); ${remembered} remembered labels`,
  ];
  if (report.leak !== null) {
    lines.push(
      `LEAK: ${report.leak.rows} of these rows are of ${report.leak.families} families that the model was fitted on; these numbers show memory, not skill`,
    );
  }
  lines.push("", columns(["voice", "accuracy", "log loss", "macro-F1", "ECE", "AURC", "speaks on"]));
  for (const name of VOICE_NAMES) {
    const { accuracy, logLoss, macroF1, calibrationError, coverage, riskCoverage } = report.voices[name];
    lines.push(
      columns([name, ...[accuracy, logLoss, macroF1, calibrationError, riskCoverage.area, coverage].map(show)]),
    );
  }
  lines.push("", ...Object.entries(report.comparisons).map(([name, comparison]) => comparisonLine(name, comparison)));
  const { below, answered, accuracyWhenAnswered } = report.abstention;
  lines.push(
    "",
    `unknown below ${show(below)}: answered ${show(answered)}, right when answered ${show(accuracyWhenAnswered)}`,
    "",
    columns([
      "coverage",
      ...report.voices.fusion.riskCoverage.curve.map(({ coverage }) => `${Math.round(coverage * 100)} %`),
    ]),
    columns(["fusion's accuracy", ...report.voices.fusion.riskCoverage.curve.map(({ accuracy }) => show(accuracy))]),
    "",
    columns(["accuracy", "rows", ...VOICE_NAMES]),
    sliceLine("hard", report.hard),
    sliceLine("not hard", report.easy),
  );
  for (const slices of [report.byClass, report.byRuntime]) {
    const some = Object.entries(slices).filter(([, slice]) => slice.rows > 0);
    lines.push("", ...some.map(([name, slice]) => sliceLine(name, slice)));
  }
  lines.push("", `${report.errorsPerSecond} errors/s through reading, rules, model and pool, in this process`);
  return lines.join("\n");
}

function comparisonLine(name: string, { accuracy, logLoss, beaten }: Comparison): string {
  const verdict = beaten ? "beats" : "does not beat";
  return `fusion ${verdict} ${name} alone: accuracy ${signed(accuracy)}, log loss ${signed(logLoss)}`;
}

function signed({ mean, low, high }: Difference): string {
  const text = (value: number): string => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(3)}`;
  return `${text(mean)} (95 %: ${text(low)} to ${text(high)})`;
}

function sliceLine(name: string, slice: SliceScore): string {
  return columns([name, String(slice.rows), ...VOICE_NAMES.map((voice) => show(slice.accuracy[voice]))]);
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(9))).join(" ");
}

function show(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(3);
}
