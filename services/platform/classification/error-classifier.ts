/** Classifies error records in batches: read, rules, model in one run, memory, pool. Without a model, or when its run fails, the rules
 *  and the memory answer, and the answer's `step` says so. */
import { setImmediate as otherWork } from "node:timers/promises";
import {
  createErrorEncoder,
  type EncodedError,
  type EncodeError,
  encodeError,
} from "../../../models/classifier/encoder.ts";
import { identifyError } from "../../../models/classifier/fingerprint.ts";
import { createGenerationCache } from "../../../models/classifier/generation-cache.ts";
import type { ClassifierManifest } from "../../../models/classifier/manifest.ts";
import { explainTokens, scoreErrors } from "../../../models/classifier/network.ts";
import { type ReadError, readError } from "../../../models/classifier/read-error.ts";
import { createNoveltyMeter, type NoveltyMeter } from "../../../models/drift/novelty.ts";
import type { Classification, TokenWeight } from "../../../models/fusion/classification.ts";
import { signatureOf } from "../../../models/fusion/label-memory.ts";
import { type Learned, NOTHING_LEARNED } from "../../../models/fusion/learned.ts";
import { saysSomething } from "../../../models/fusion/says-something.ts";
import { type Decision, decide, type Evidence, verdict, voicesOf } from "../../../models/fusion/verdict.ts";
import { splitValue } from "../../../models/grouping/split-value.ts";
import type { Rule } from "../../../models/rules/rule.ts";
import { createRuleEngine, type RuleEngine } from "../../../models/rules/rule-engine.ts";
import { RULES } from "../../../models/rules/rule-table.ts";
import { ERROR_CLASSES, type ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { ModelHost } from "../serving/model-host.ts";
import { servedModel } from "../serving/model-slot.ts";
import type { Database } from "../store/database.ts";
import { createLabelFollower } from "./label-follower.ts";
import type { LabelSet } from "./label-set.ts";
import { type ModelVoice, RULES_ONLY, weightsFor } from "./model-voice.ts";

export interface ErrorClassifierDeps {
  db: Database;
  models: Pick<ModelHost, "classifier">;
  logger: Logger;
  clock: Clock;
  /** beside those that ship */
  operatorRules?: readonly Rule[];
}

interface ClassifyOptions {
  /** also say which tokens weighed how much (default true); it doubles the model's share of the time */
  explain?: boolean;
}

/** A kind of error, read: everything of it that decides its class. */
interface ErrorQuestion {
  /** questions of one key have one answer, as long as neither labels nor the model change */
  key: string;
  fingerprint: string;
  error: ReadError;
}

export interface ErrorJudgement {
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
}

export interface ErrorClassifier {
  /** @returns one answer per record, in order */
  classify(records: readonly ErrorRecord[], options?: ClassifyOptions): Promise<Classification[]>;
  /** Only the verdicts, without reasons, for many errors of few kinds: answers are remembered until a label or a model changes them,
   *  and new ones are worked out a few at a time, so that the event loop stays free.
   *  @returns one answer per question, in order */
  judge(questions: readonly ErrorQuestion[]): Promise<ErrorJudgement[]>;
  /** What it answers from just now, for whoever works out what a label would change. */
  grounds(): { engine: RuleEngine; model: ModelVoice | null; held: LabelSet };
}

/** Kinds of error per generation whose verdict is remembered. */
const REMEMBERED_VERDICTS = 5_000;
/** Errors that are judged in one go: about two milliseconds. */
const JUDGED_AT_ONCE = 8;
const CLASSIFIED_AT_ONCE = 64;

export function createErrorClassifier(deps: ErrorClassifierDeps): ErrorClassifier {
  const engine = createRuleEngine([...RULES, ...(deps.operatorRules ?? [])]);
  const encode = createErrorEncoder();
  const labels = createLabelFollower({ db: deps.db, engine, logger: deps.logger });
  let metered: { manifest: ClassifierManifest | undefined; meter: NoveltyMeter | null } = {
    manifest: undefined,
    meter: null,
  };
  let warnedOf: string | null = null;
  const verdicts = createGenerationCache<ErrorJudgement>(REMEMBERED_VERDICTS);
  let verdictsFrom: { learned: Learned; modelVersion: string | null } = {
    learned: NOTHING_LEARNED,
    modelVersion: null,
  };

  const warnOnce = (error: unknown, { version }: ModelVoice): void => {
    if (warnedOf !== version) deps.logger.warn({ err: error, version }, "the classifier failed; rules answer");
    warnedOf = version;
  };

  const noveltyMeter = (model: ModelVoice | null): NoveltyMeter | null => {
    if (metered.manifest !== model?.manifest) {
      const reference = model?.manifest.novelty;
      metered = { manifest: model?.manifest, meter: reference === undefined ? null : createNoveltyMeter(reference) };
    }
    return metered.meter;
  };

  return {
    grounds: () => ({ engine, model: servedModel(deps.models.classifier()), held: labels.held() }),
    async judge(questions) {
      if (questions.length === 0) return [];
      const { learned } = await labels.current();
      const context = { engine, encode, learned, model: servedModel(deps.models.classifier()) };
      const modelVersion = context.model?.version ?? null;
      if (verdictsFrom.learned !== learned || verdictsFrom.modelVersion !== modelVersion) verdicts.clear();
      verdictsFrom = { learned, modelVersion };
      const answers = questions.map(({ key }) => verdicts.get(key));
      const open = questions.flatMap((question, index) => (answers[index] === undefined ? [{ question, index }] : []));
      for (let from = 0; from < open.length; from += JUDGED_AT_ONCE) {
        if (from > 0) await otherWork();
        const slice = open.slice(from, from + JUDGED_AT_ONCE);
        const asked = slice.map(({ question }) => question);
        let fresh: ErrorJudgement[];
        let isWhole = true;
        try {
          fresh = await judgeAll(asked, context);
        } catch (error) {
          if (context.model === null) throw error;
          warnOnce(error, context.model);
          isWhole = false;
          fresh = await judgeAll(asked, { ...context, model: null });
        }
        for (const [at, { question, index }] of slice.entries()) {
          const answer = fresh[at]!;
          answers[index] = answer;
          // Another call may have seen a newer label meanwhile, and emptied the memory.
          const isCurrent = verdictsFrom.learned === context.learned && verdictsFrom.modelVersion === modelVersion;
          if (isWhole && isCurrent) verdicts.set(question.key, answer);
        }
      }
      // Every question without an answer was open.
      return answers.map((answer) => answer!);
    },
    async classify(records, { explain = true } = {}) {
      if (records.length === 0) return [];
      const { learned } = await labels.current();
      const model = servedModel(deps.models.classifier());
      try {
        return await classifyRecords(records, {
          engine,
          encode,
          learned,
          model,
          novelty: noveltyMeter(model),
          explain,
        });
      } catch (error) {
        if (model === null) throw error;
        warnOnce(error, model);
        return classifyRecords(records, { engine, encode, learned, model: null, explain });
      }
    },
  };
}

export interface ClassificationContext {
  engine: RuleEngine;
  /** default `encodeError`; one that is kept works in its own memory */
  encode?: EncodeError;
  learned: Learned;
  model: ModelVoice | null;
  /** of the model; absent: not asked */
  novelty?: NoveltyMeter | null;
  explain: boolean;
}

/** The whole path, in slices: what was worked out for a slice is let go of before it has grown old for the garbage collector.
 *  The model runs once a slice for the votes and, when asked, once for the explanations. */
export async function classifyRecords(
  records: readonly ErrorRecord[],
  context: ClassificationContext,
): Promise<Classification[]> {
  const answers: Classification[] = [];
  for (let from = 0; from < records.length; from += CLASSIFIED_AT_ONCE) {
    answers.push(...(await classifySlice(records.slice(from, from + CLASSIFIED_AT_ONCE), context)));
  }
  return answers;
}

async function classifySlice(
  records: readonly ErrorRecord[],
  context: ClassificationContext,
): Promise<Classification[]> {
  const { evidence, encoded } = await gatherEvidence(records, context);
  const weights = weightsFor(context);
  const decisions = evidence.map((own) => decide(voicesOf(own), weights));
  const explanations = await explainAll(evidence, encoded, decisions, context);
  return evidence.map((own, index) => verdict(own, decisions[index]!, explanations?.[index] ?? null));
}

export async function gatherEvidence(
  records: readonly ErrorRecord[],
  context: Omit<ClassificationContext, "explain">,
): Promise<{ evidence: Evidence[]; encoded: EncodedError[] }> {
  const errors = records.map((record) => {
    const error = readError(record);
    const { group } = context.learned.regrouping.place(identifyError(error).fingerprint, (criterion) =>
      splitValue(criterion, error.chain, record.service),
    );
    return { error, fingerprint: group };
  });
  return evidenceOf(errors, context);
}

async function evidenceOf(
  errors: readonly { error: ReadError; fingerprint: string }[],
  { engine, encode = encodeError, learned, model, novelty }: Omit<ClassificationContext, "explain">,
): Promise<{ evidence: Evidence[]; encoded: EncodedError[] }> {
  const encoded = model === null ? [] : errors.map(({ error }) => encode(error));
  const scores = model === null ? null : await scoreErrors(model.session, model.manifest, encoded);
  const evidence = errors.map(({ error, fingerprint }, index): Evidence => {
    return {
      error,
      fingerprint,
      rules: engine.evaluate(error, learned.posteriors),
      model: saysSomething(error) ? (scores?.[index] ?? null) : null,
      recollection: learned.memory.recall(fingerprint, () => signatureOf(error)),
      novelty: novelty && model !== null ? novelty(encoded[index]!) : null,
      step: model === null ? RULES_ONLY : "full",
      modelVersion: model?.version ?? null,
    };
  });
  return { evidence, encoded };
}

async function judgeAll(
  questions: readonly ErrorQuestion[],
  context: Omit<ClassificationContext, "explain">,
): Promise<ErrorJudgement[]> {
  const { evidence } = await evidenceOf(questions, context);
  const weights = weightsFor(context);
  return evidence.map((own) => {
    const { class: likeliest, probability, abstained } = decide(voicesOf(own), weights);
    return { class: abstained ? "unknown" : likeliest, probability, abstained };
  });
}

async function explainAll(
  evidence: readonly Evidence[],
  encoded: readonly EncodedError[],
  decisions: readonly Decision[],
  { model, explain }: ClassificationContext,
): Promise<TokenWeight[][] | null> {
  if (model === null || !explain) return null;
  const questions = evidence.map((own, index) => ({
    encoded: encoded[index]!,
    class: ERROR_CLASSES.indexOf(decisions[index]!.class),
    probabilities: own.model,
  }));
  return explainTokens(model.session, model.manifest, questions);
}
