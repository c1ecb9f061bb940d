/** `npm run evaluate -- errors --train A.jsonl|pretrained --test B.jsonl [--json OUT] [--seed N]`: rules, model, memory and their pool on
 *  labelled errors of the reader's own. With `pretrained` the shipped model answers as it is; with a file, a model is trained on it
 *  beside the shipped catalogue and rules, and its errors become the memory. Correct means `class` or one of `also`. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type LabelledError, loadLabelledErrors, toErrorRecord } from "../../datasets/errors/labelled-error.ts";
import { identifyError } from "../../models/classifier/fingerprint.ts";
import { readError } from "../../models/classifier/read-error.ts";
import { createLabelMemory, type LabelMemory, signatureOf } from "../../models/fusion/label-memory.ts";
import { NOTHING_LEARNED } from "../../models/fusion/learned.ts";
import { type Decision, decide, voicesOf } from "../../models/fusion/verdict.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { gatherEvidence } from "../../services/platform/classification/error-classifier.ts";
import { type ModelVoice, weightsFor } from "../../services/platform/classification/model-voice.ts";
import { createSession } from "../../services/platform/serving/onnx-session.ts";
import { isCorrect, scoreVoice } from "../classifier/score-voices.ts";
import { loadShippedRows } from "../classifier/shipped-rows.ts";
import { trainErrorClassifier } from "../classifier/train-error-classifier.ts";
import { rowsOfErrors } from "../classifier/training-rows.ts";
import type { ErrorsReport, SliceScore, VoiceName } from "./errors-report.ts";
import { loadPretrained } from "./load-pretrained.ts";
import { printReport } from "./print-report.ts";

const USAGE =
  "usage: npm run evaluate -- errors --train FILE.jsonl|pretrained --test FILE.jsonl [--json OUT] [--seed 1]";

/** @throws RangeError for a wrong command line */
export async function runErrorsEvaluation(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      train: { type: "string" },
      test: { type: "string" },
      json: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  if (values.train === undefined || values.test === undefined) throw new RangeError(USAGE);
  const test = await loadLabelledErrors(values.test);
  const { voice, memory, close } = await prepare(values.train, Number(values.seed));
  try {
    const report = await evaluate(test, voice, memory, { train: values.train, test: values.test });
    console.log(printReport(report));
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await close();
  }
}

interface Prepared {
  voice: ModelVoice;
  memory: LabelMemory;
  close(): Promise<void>;
}

async function prepare(train: string, seed: number): Promise<Prepared> {
  if (train === "pretrained") {
    const { manifest, onnx } = await loadPretrained();
    const session = await createSession(onnx);
    return {
      voice: { version: manifest.version, manifest, session },
      memory: createLabelMemory([]),
      close: () => session.release(),
    };
  }
  const errors = await loadLabelledErrors(train);
  const { background } = await loadShippedRows(seed);
  const trained = await trainErrorClassifier(
    { labelled: rowsOfErrors(errors), background },
    { seed, version: "trained-here", log: console.error },
  );
  const session = await createSession(trained.onnx);
  return {
    voice: { version: "trained-here", manifest: trained.manifest, session },
    memory: memoryOf(errors),
    close: () => session.release(),
  };
}

function memoryOf(errors: readonly LabelledError[]): LabelMemory {
  const entries = errors.map((row) => {
    const error = readError(toErrorRecord(row));
    const label = { operator: "training file", class: row.class, weight: 1, atMs: 0 };
    return { fingerprint: identifyError(error).fingerprint, signature: signatureOf(error), labels: [label] };
  });
  return createLabelMemory(entries);
}

async function evaluate(
  test: readonly LabelledError[],
  voice: ModelVoice,
  memory: LabelMemory,
  names: { train: string; test: string },
): Promise<ErrorsReport> {
  const context = { engine: createRuleEngine(RULES), learned: { ...NOTHING_LEARNED, memory }, model: voice };
  const weights = weightsFor(context);
  const started = performance.now();
  const { evidence } = await gatherEvidence(test.map(toErrorRecord), context);
  const decisions = evidence.map((own) => decide(voicesOf(own), weights));
  const seconds = (performance.now() - started) / 1000;
  const answers: Record<VoiceName, (Float64Array | null)[]> = {
    rules: evidence.map((own) => voicesOf(own).rules),
    model: evidence.map((own) => own.model),
    memory: evidence.map((own) => voicesOf(own).memory?.distribution ?? null),
    fusion: decisions.map((decision) => decision.pooled),
  };
  const slice = (keep: (row: LabelledError) => boolean): SliceScore => sliceOf(test, answers, keep);
  return {
    ...names,
    modelVersion: voice.version,
    rows: test.length,
    leak: leakOf(test, voice.manifest.trainedOn.families),
    voices: forVoices((name) => scoreVoice(test, answers[name])),
    hard: slice((row) => row.hard),
    easy: slice((row) => !row.hard),
    abstention: abstentionOf(test, decisions, weights.abstainBelow),
    coverageCurve: coverageCurve(test, decisions),
    byClass: Object.fromEntries(ERROR_CLASSES.map((name) => [name, slice((row) => row.class === name)])),
    byRuntime: Object.fromEntries(
      [...new Set(test.map((row) => row.runtime))].sort().map((name) => [name, slice((row) => row.runtime === name)]),
    ),
    errorsPerSecond: Math.round(test.length / seconds),
  };
}

function sliceOf(
  test: readonly LabelledError[],
  answers: Record<VoiceName, (Float64Array | null)[]>,
  keep: (row: LabelledError) => boolean,
): SliceScore {
  const kept = test.flatMap((row, index) => (keep(row) ? [index] : []));
  const accuracy = (name: VoiceName): number =>
    kept.filter((index) => isCorrect(test[index]!, answers[name][index]!)).length / kept.length;
  return { rows: kept.length, accuracy: forVoices(accuracy) };
}

function forVoices<Value>(make: (name: VoiceName) => Value): Record<VoiceName, Value> {
  return { rules: make("rules"), model: make("model"), memory: make("memory"), fusion: make("fusion") };
}

function leakOf(test: readonly LabelledError[], trained: readonly string[]): ErrorsReport["leak"] {
  const known = new Set(trained);
  const rows = test.filter((row) => known.has(row.family));
  return rows.length === 0 ? null : { families: new Set(rows.map((row) => row.family)).size, rows: rows.length };
}

function abstentionOf(
  test: readonly LabelledError[],
  decisions: readonly Decision[],
  below: number,
): ErrorsReport["abstention"] {
  const answered = decisions.flatMap((decision, index) => (decision.abstained ? [] : [index]));
  const right = answered.filter((index) => isCorrect(test[index]!, decisions[index]!.pooled)).length;
  return { below, answered: answered.length / test.length, accuracyWhenAnswered: right / answered.length };
}

function coverageCurve(test: readonly LabelledError[], decisions: readonly Decision[]): ErrorsReport["coverageCurve"] {
  const order = decisions
    .map((_, index) => index)
    .sort((a, b) => decisions[b]!.probability - decisions[a]!.probability || a - b);
  return [0.5, 0.6, 0.7, 0.8, 0.9, 1].map((coverage) => {
    const kept = order.slice(0, Math.max(1, Math.round(coverage * order.length)));
    const right = kept.filter((index) => isCorrect(test[index]!, decisions[index]!.pooled)).length;
    return { coverage, accuracy: right / kept.length, confidence: decisions[kept.at(-1)!]!.probability };
  });
}
