/** The report as text for a terminal. */
import type { ErrorsReport, SliceScore, VoiceName } from "./errors-report.ts";

const VOICES: readonly VoiceName[] = ["rules", "model", "memory", "fusion"];

export function printReport(report: ErrorsReport): string {
  const lines = [`errors: ${report.rows} of ${report.test}; model ${report.modelVersion} (train ${report.train})`];
  if (report.leak !== null) {
    const { rows, families } = report.leak;
    lines.push(
      `LEAK: ${rows} of these rows are of ${families} families that the model was fitted on; these numbers show memory, not skill`,
    );
  }
  lines.push("", columns(["voice", "accuracy", "log loss", "macro-F1", "ECE", "coverage"]));
  for (const name of VOICES) {
    const { accuracy, logLoss, macroF1, calibrationError, coverage } = report.voices[name];
    lines.push(columns([name, ...[accuracy, logLoss, macroF1, calibrationError, coverage].map(show)]));
  }
  const { below, answered, accuracyWhenAnswered } = report.abstention;
  lines.push(
    "",
    `unknown below ${show(below)}: answered ${show(answered)}, right when answered ${show(accuracyWhenAnswered)}`,
  );
  lines.push(
    `most confident: ${report.coverageCurve.map((point) => `${point.coverage * 100} % ${show(point.accuracy)}`).join(", ")}`,
  );
  lines.push("", columns(["slice", "rows", ...VOICES]));
  lines.push(sliceLine("hard", report.hard), sliceLine("not hard", report.easy));
  for (const slices of [report.byClass, report.byRuntime]) {
    lines.push(
      "",
      ...Object.entries(slices)
        .filter(([, slice]) => slice.rows > 0)
        .map(([name, slice]) => sliceLine(name, slice)),
    );
  }
  return [
    ...lines,
    "",
    `${report.errorsPerSecond} errors/s through reading, rules, model and pool, in this process`,
  ].join("\n");
}

function sliceLine(name: string, slice: SliceScore): string {
  return columns([name, String(slice.rows), ...VOICES.map((voice) => show(slice.accuracy[voice]))]);
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(24) : cell.padStart(9))).join(" ");
}

function show(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(3);
}
