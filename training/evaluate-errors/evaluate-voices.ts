/** Asks every voice about labelled errors, and says how right each was. */
import { type LabelledError, toErrorRecord } from "../../datasets/errors/labelled-error.ts";
import type { LabelMemory } from "../../models/fusion/label-memory.ts";
import { NOTHING_LEARNED } from "../../models/fusion/learned.ts";
import { argmax } from "../../models/fusion/pool.ts";
import { type Decision, decide, voicesOf } from "../../models/fusion/verdict.ts";
import { createRuleEngine } from "../../models/rules/rule-engine.ts";
import { RULES } from "../../models/rules/rule-table.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import { gatherEvidence } from "../../services/platform/classification/error-classifier.ts";
import { type ModelVoice, weightsFor } from "../../services/platform/classification/model-voice.ts";
import { isCorrect, logLossOf, mean, scoreVoice } from "../classifier/score-voices.ts";
import type { Random } from "../random.ts";
import { meanDifference } from "./compare-voices.ts";
import { type Comparison, type ErrorsReport, type SliceScore, VOICE_NAMES, type VoiceName } from "./errors-report.ts";
import { riskCoverage } from "./risk-coverage.ts";

type Answers = Record<VoiceName, (Float64Array | null)[]>;

export interface EvaluationSetting {
  train: string;
  test: string;
  voice: ModelVoice;
  memory: LabelMemory;
  random: Random;
  /** ms, for the rate */
  now(): number;
}

/** @param test at least one */
export async function evaluateVoices(
  test: readonly LabelledError[],
  { voice, memory, random, now, ...names }: EvaluationSetting,
): Promise<ErrorsReport> {
  const context = { engine: createRuleEngine(RULES), learned: { ...NOTHING_LEARNED, memory }, model: voice };
  const weights = weightsFor(context);
  const startedMs = now();
  const { evidence } = await gatherEvidence(test.map(toErrorRecord), context);
  const voices = evidence.map(voicesOf);
  const decisions = voices.map((own) => decide(own, weights));
  const seconds = (now() - startedMs) / 1000;
  const answers: Answers = {
    rules: voices.map((own) => own.rules),
    model: voices.map((own) => own.model),
    memory: voices.map((own) => own.memory?.distribution ?? null),
    fusion: decisions.map((decision) => decision.pooled),
  };
  const slice = (keep: (row: LabelledError) => boolean): SliceScore => sliceOf(test, answers, keep);
  const byRuntime = [...new Set(test.map((row) => row.runtime))].sort();
  return {
    ...names,
    modelVersion: voice.version,
    rows: test.length,
    families: new Set(test.map((row) => row.family)).size,
    remembered: memory.size,
    leak: leakOf(test, voice.manifest.trainedOn.families),
    voices: forVoices((name) => ({
      ...scoreVoice(test, answers[name]),
      riskCoverage: riskCoverage(
        answers[name].map((distribution, index) => ({
          confidence: distribution === null ? 0 : distribution[argmax(distribution)]!,
          correct: isCorrect(test[index]!, distribution),
        })),
      ),
    })),
    comparisons: {
      rules: compare(test, answers, "rules", random),
      model: compare(test, answers, "model", random),
      memory: compare(test, answers, "memory", random),
    },
    hard: slice((row) => row.hard),
    easy: slice((row) => !row.hard),
    abstention: abstentionOf(test, decisions, weights.abstainBelow),
    byClass: Object.fromEntries(ERROR_CLASSES.map((name) => [name, slice((row) => row.class === name)])),
    byRuntime: Object.fromEntries(byRuntime.map((name) => [name, slice((row) => row.runtime === name)])),
    errorsPerSecond: Math.round(test.length / seconds),
  };
}

function compare(test: readonly LabelledError[], answers: Answers, name: VoiceName, random: Random): Comparison {
  const families = test.map((row) => row.family);
  const right = (voice: VoiceName, index: number): number => Number(isCorrect(test[index]!, answers[voice][index]!));
  const loss = (voice: VoiceName, index: number): number => logLossOf(test[index]!, answers[voice][index]!);
  const differences = (of: typeof right): number[] => test.map((_, index) => of("fusion", index) - of(name, index));
  const accuracy = meanDifference(differences(right), families, random);
  const logLoss = meanDifference(differences(loss), families, random);
  return { accuracy, logLoss, beaten: accuracy.mean > 0 && logLoss.mean < 0 };
}

function sliceOf(test: readonly LabelledError[], answers: Answers, keep: (row: LabelledError) => boolean): SliceScore {
  const kept = test.flatMap((row, index) => (keep(row) ? [index] : []));
  const over = (of: (row: LabelledError, distribution: Float64Array | null) => number) =>
    forVoices((name) => mean(kept.map((index) => of(test[index]!, answers[name][index]!))));
  return { rows: kept.length, accuracy: over((...asked) => Number(isCorrect(...asked))), logLoss: over(logLossOf) };
}

function forVoices<Value>(make: (name: VoiceName) => Value): Record<VoiceName, Value> {
  // One entry per name.
  return Object.fromEntries(VOICE_NAMES.map((name) => [name, make(name)])) as Record<VoiceName, Value>;
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
