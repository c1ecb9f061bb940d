/** The comparison as text for a terminal. */
import { describeDuration } from "../../models/predictor/describe-value.ts";
import type { ComparedScore, Metric } from "./compare-scores.ts";
import type { FrontDoorReport } from "./front-door.ts";

const ROWS: readonly { metric: Metric; title: string; digits: number }[] = [
  { metric: "auc", title: "AUC", digits: 4 },
  { metric: "averagePrecision", title: "AP", digits: 4 },
  { metric: "brier", title: "Brier", digits: 5 },
  { metric: "calibrationError", title: "ECE", digits: 4 },
];
const FEATURES_SHOWN = 10;

export function printReport(report: FrontDoorReport): string {
  const { rows, training, vectors, scores } = report;
  const share = ((100 * rows.positives) / rows.count).toFixed(2);
  const steps = Object.entries(report.steps).map(([step, count]) => `${count} by ${step}`);
  return [
    `an outage starts within ${describeDuration(report.horizonMs)}: ${rows.count} test rows of ${report.sites} sites, ${share} % positive`,
    `sent: ${report.probes} probes, ${report.lateRecords} came late. Training: ${training.state} (${training.reason})`,
    `asked: ${rows.count} rows, answered ${steps.join(", ")}; ${report.modelSawLater} by a model that had seen later events`,
    "",
    ...scoreLines("/predict", scores),
    "",
    ...(report.refusedScores === null
      ? []
      : [
          "The gate lets no refused model answer, so /predict gave base rates. Of the refused one, run offline on the same rows:",
          ...scoreLines("refused", report.refusedScores),
          "",
        ]),
    `vectors: ${vectors.rows} stored ones compared with the offline replay of the same probes, ${vectors.differing} differ, ${vectors.missing} missing`,
    ...vectors.features
      .slice(0, FEATURES_SHOWN)
      .map(({ name, rows: count, largest }) => `  ${name}: ${count} rows, by up to ${largest.toPrecision(3)}`),
    report.championDifference === null
      ? "answers: no model was promoted, so there is none to compare them with"
      : `answers: within ${report.championDifference.toExponential(1)} of the champion run on the offline vectors`,
    "",
    "Where the two paths differ by intent. Training: the job takes every closed window before the test slice as an example" +
      `${training.examples === null ? "" : ` (${training.examples})`} and splits them by time, to fit, calibrate and judge (45, 25 and 30 %, or less to calibrate and judge on where failures are many);`,
    `evaluate fits on every third window from the eighth day on (${training.evaluateRows}), calibrates on the next slice and fits again on both. The job fits as many`,
    "networks and epochs as the service is configured to, evaluate its own number. Rows while more than half of the sites are down train the",
    "service (it cannot know that the prober failed) and are left out of evaluate and of the test rows. Features: a replayed probe takes no",
    "time and each failed one is an error with a class; evaluate counts one error an outage, without class and duration.",
    "By chance: 95 % of the differences over sites drawn with replacement; how much another seed would change is not in it.",
  ].join("\n");
}

function scoreLines(ours: string, scores: FrontDoorReport["scores"]): string[] {
  return [
    `${[ours, "evaluate", "difference"]
      .map((title) => title.padStart(14))
      .join("")
      .padStart(48)}${"95 % by chance".padStart(25)}`,
    ...ROWS.map(({ metric, title, digits }) => `${title.padEnd(6)}${scoreCells(scores[metric], digits)}`),
  ];
}

function scoreCells({ ours, theirs, difference, interval, isWithinNoise }: ComparedScore, digits: number): string {
  const sign = (value: number) => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(digits)}`;
  return [
    ours.toFixed(digits).padStart(14),
    theirs.toFixed(digits).padStart(14),
    sign(difference).padStart(14),
    `${sign(interval.lower)} … ${sign(interval.upper)}`.padStart(25),
    isWithinNoise ? "   within noise" : "   beyond noise",
  ].join("");
}
