/** The evaluation of `npm run evaluate -- outages`, through the front door: the record is sent as telemetry to a running Harbinger, a
 *  model is trained by `POST /training/jobs` before anything of the test slice is sent, and `/predict` is asked about every test row.
 *  Beside the scores it compares what stands behind them, row by row: the stored vectors with those of the offline replay, and the
 *  answers with what the champion says offline. */
import type { OutageStudy } from "../../datasets/outages/outage-study.ts";
import { loadWebsites } from "../../datasets/outages/websites-avt.ts";
import { ERROR_CLASSES, type ErrorVerdict } from "../../models/taxonomy/classes.ts";
import { createLogger } from "../../services/platform/logger.ts";
import { FAILURE_PREDICTOR, predictorDefinition } from "../../services/platform/serving/definitions.ts";
import { type Database, openDatabase } from "../../services/platform/store/database.ts";
import { readArtifact, readVersion } from "../../services/platform/store/registry-store.ts";
import { type ReplayedRows, replayRows } from "../evaluate/outage-vectors.ts";
import { evaluateOutages } from "../evaluate/outages.ts";
import { hazardProbabilities, splitRows } from "../evaluate/study-rows.ts";
import { type ComparedScore, compareScores, type Metric } from "./compare-scores.ts";
import { compareVectors, type VectorComparison } from "./compare-vectors.ts";
import { ask, sendPart, trainThrough, waitUntilClosed } from "./converse.ts";
import { createFrontDoorApi, type FrontDoorApi, type Prediction, type TrainingJob } from "./front-door-api.ts";
import { type StartedHarbinger, startHarbinger } from "./harbinger-process.ts";
import { splitRecord } from "./record-parts.ts";
import { servedStudy } from "./served-study.ts";

export interface FrontDoorOptions {
  horizonMs: number;
  seed: number;
  /** told what goes on, a line at a time */
  log(line: string): void;
  /** ms since the epoch: the record is moved so that it ends before */
  now(): number;
  /** told how to end the Harbinger that runs and to delete its data, for whoever is asked to stop meanwhile */
  onStart?(dispose: () => Promise<void>): void;
}

export interface FrontDoorReport {
  horizonMs: number;
  sites: number;
  probes: number;
  lateRecords: number;
  /** of the test slice */
  rows: { count: number; positives: number };
  training: { state: string; reason: string; examples: number | null; evaluateRows: number };
  /** answers by the rung of the ladder that gave them */
  steps: Record<string, number>;
  /** answers whose model had learned from events after the moment asked about */
  modelSawLater: number;
  vectors: VectorComparison;
  /** largest difference between an answer and the champion run on the offline vectors; null when the gate let no model answer */
  championDifference: number | null;
  /** ours: the front door; theirs: `evaluate` */
  scores: Record<Metric, ComparedScore>;
  /** The same for a model that the gate refused, run on the offline vectors: what it would have answered. Null when it passed, or when
   *  there was too little to make one. */
  refusedScores: Record<Metric, ComparedScore> | null;
}

const DAY_MS = 86_400_000;
/** Features know the hour of the week: a record moved by whole weeks keeps them. */
const WEEK_MS = 7 * DAY_MS;

/** @param text an AVT file
 *  @throws RangeError when the record or the horizon is too short, Error when the service does not do its part */
export async function evaluateFrontDoor(text: string, options: FrontDoorOptions): Promise<FrontDoorReport> {
  const study = loadWebsites(text, options.horizonMs);
  if (study.horizonWindows < 2) throw new RangeError("the horizon must be at least two windows of 10 minutes");
  const plan = planOf(study, options.now());
  const harbinger = await startHarbinger({
    windowSizeMs: study.windowSizeMs,
    horizonMs: options.horizonMs,
    allowedLatenessMs: plan.latenessMs,
    memoryMs: options.now() - plan.startMs + DAY_MS,
  });
  options.onStart?.(harbinger.dispose);
  try {
    const api = createFrontDoorApi(harbinger.apiUrl);
    const told = await converse(text, study, plan, { harbinger, api }, options);
    const served = servedStudy(study, plan.startMs, await errorClassOf(api));
    const replayed = replayRows(served);
    const { vectors, offline } = await lookIntoStore(harbinger, served, replayed, plan, told);
    const { theirs, evaluateRows } = await runEvaluate(study, options);
    const entity = Int32Array.from(plan.test, (row) => study.rows.series[row]!);
    const compare = (ours: Float64Array) =>
      compareScores({ ours, theirs, outcome: plan.outcome, entity }, options.seed);
    const isChampion = told.job.state === "promoted";
    return {
      horizonMs: options.horizonMs,
      sites: study.series.length,
      probes: told.probes,
      lateRecords: await api.lateRecords(),
      rows: { count: plan.test.length, positives: plan.outcome.reduce((sum, one) => sum + one, 0) },
      training: { ...describeJob(told.job), evaluateRows },
      steps: countBy(told.answers, ({ step }) => step),
      modelSawLater: told.answers.filter(({ asOf }) => asOf.modelSawLater === true).length,
      vectors,
      championDifference: isChampion && offline !== null ? largestDifference(offline, told.probability) : null,
      scores: compare(told.probability),
      refusedScores: isChampion || offline === null ? null : compare(offline),
    };
  } finally {
    await harbinger.dispose();
  }
}

interface Plan {
  /** of the record's step 0 */
  startMs: number;
  /** start of the test slice's first row */
  cutMs: number;
  latenessMs: number;
  /** indices of the study's test rows */
  test: Int32Array;
  /** shape [test rows] */
  atMs: Float64Array;
  service: string[];
  outcome: Uint8Array;
}

function planOf(study: OutageStudy, nowMs: number): Plan {
  const { rows, series, windowSizeMs, horizonWindows } = study;
  const { test } = splitRows(study);
  const lengthMs = series[0]!.state.length * windowSizeMs;
  const startMs = Math.floor((nowMs - lengthMs - DAY_MS) / WEEK_MS) * WEEK_MS;
  const firstWindow = test.reduce((least, row) => Math.min(least, rows.window[row]!), Number.POSITIVE_INFINITY);
  return {
    startMs,
    cutMs: startMs + firstWindow * windowSizeMs,
    // The last row asks one horizon before the record ends, and its window must be closed by what is sent after it.
    latenessMs: (horizonWindows - 1) * windowSizeMs,
    test,
    atMs: Float64Array.from(test, (row) => startMs + (rows.window[row]! + 1) * windowSizeMs),
    service: Array.from(test, (row) => series[rows.series[row]!]!.name),
    outcome: Uint8Array.from(test, (row) => rows.positive[row]!),
  };
}

interface Told {
  probes: number;
  job: TrainingJob;
  answers: Prediction[];
  /** shape [test rows] */
  probability: Float64Array;
}

async function converse(
  text: string,
  { windowSizeMs }: OutageStudy,
  { startMs, cutMs, latenessMs, atMs, service }: Plan,
  { harbinger, api }: { harbinger: StartedHarbinger; api: FrontDoorApi },
  { seed, log }: FrontDoorOptions,
): Promise<Told> {
  const [past, rest] = splitRecord(text, { startMs, cutMs, maxSpanMs: latenessMs });
  let probes = await sendPart(past, harbinger.otlpUrl, log);
  await waitUntilClosed(past.lastMs - latenessMs - windowSizeMs, api, log);
  const job = await trainThrough(cutMs, seed, api);
  log(`training ${job.state}: ${job.verdict?.reason ?? ""}`);
  probes += await sendPart(rest, harbinger.otlpUrl, log);
  await waitUntilClosed(
    atMs.reduce((most, one) => Math.max(most, one), 0),
    api,
    log,
  );
  const answers = await ask(
    service.map((name, row) => ({ service: name, atMs: atMs[row]! })),
    api,
  );
  log(`${answers.length} answers`);
  // One horizon is configured.
  return { probes, job, answers, probability: Float64Array.from(answers, ({ horizons }) => horizons[0]!.probability) };
}

/** All failed probes read alike, so they are one kind of error of one class. */
async function errorClassOf(api: FrontDoorApi): Promise<ErrorVerdict> {
  const [found, ...others] = new Set(await api.errorClasses());
  const verdict = [...ERROR_CLASSES, "unknown" as const].find((one) => one === found);
  if (verdict === undefined || others.length > 0) {
    throw new Error(`failed probes were classified as ${[found, ...others].join(", ")}, where one class was expected`);
  }
  return verdict;
}

/** @returns how the stored vectors compare, and what the job's version says of the offline ones, null when it made none */
async function lookIntoStore(
  harbinger: StartedHarbinger,
  served: OutageStudy,
  replayed: ReplayedRows,
  { test, atMs, service }: Plan,
  { job }: Told,
): Promise<{ vectors: VectorComparison; offline: Float64Array | null }> {
  const width = replayed.vectors.length / served.rows.series.length;
  const vectors = new Float32Array(test.length * width);
  test.forEach((row, index) => {
    vectors.set(replayed.vectors.subarray(row * width, (row + 1) * width), index * width);
  });
  const handle = await openDatabase({
    url: await harbinger.databaseUrl(),
    maxConnections: 2,
    applicationName: "evaluate front-door",
    logger: createLogger({ level: "error", serviceName: "evaluate" }),
  });
  try {
    const model = job.version === null ? null : await readModel(handle.db, job.version);
    return {
      vectors: await compareVectors(handle.db, { service, atMs, vectors }),
      offline: model === null ? null : await hazardProbabilities(served, replayed, model, test),
    };
  } finally {
    await handle.close();
  }
}

async function readModel(db: Database, version: string) {
  const row = await readVersion(db, FAILURE_PREDICTOR, version);
  const onnx = row === null ? null : await readArtifact(db, row.artifactSha256);
  return row === null || onnx === null ? null : { manifest: predictorDefinition.accept(row.manifest), onnx };
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, one, index) => Math.max(most, Math.abs(one - b[index]!)), 0);
}

async function runEvaluate(study: OutageStudy, { seed, log }: FrontDoorOptions) {
  let theirs = new Float64Array();
  const report = await evaluateOutages(study, {
    seed,
    onTestRows: (_rows, probability) => {
      theirs = Float64Array.from(probability);
    },
    log: (line) => log(`evaluate: ${line}`),
    now: () => performance.now(),
  });
  return { theirs, evaluateRows: report.rows.train };
}

function describeJob({ state, verdict, metrics }: TrainingJob) {
  const dataset = metrics?.dataset;
  const examples = typeof dataset === "object" && dataset !== null && "examples" in dataset ? dataset.examples : null;
  return { state, reason: verdict?.reason ?? "", examples: typeof examples === "number" ? examples : null };
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
