/** What one judgement on an error changes, all in the caller's transaction: the memory of its group, the posteriors of the rules that
 *  spoke, and the weights of the pool. The very next classification in any process sees it. */
import { readError } from "../../../models/classifier/read-error.ts";
import type { Classification } from "../../../models/fusion/classification.ts";
import { type OperatorLabel, signatureOf, standingOf, withLabel } from "../../../models/fusion/label-memory.ts";
import { learnFromLabel } from "../../../models/fusion/pool.ts";
import { voicesOf } from "../../../models/fusion/verdict.ts";
import { createRuleEngine, type RuleEngine } from "../../../models/rules/rule-engine.ts";
import { RULES } from "../../../models/rules/rule-table.ts";
import { ERROR_CLASSES, type ErrorClass, type ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "../store/database.ts";
import {
  bumpRulePosterior,
  findMemoryEntry,
  lockFusionWeights,
  rememberLabel,
  writeFusionWeights,
} from "../store/memory-store.ts";
import { classifyRecords, gatherEvidence, type ModelVoice, RULES_ONLY, weightsFor } from "./error-classifier.ts";
import { readLearnedState } from "./learned-state.ts";

export interface ClassFeedback {
  fingerprint: string;
  /** the error as it was judged */
  record: ErrorRecord;
  class: ErrorClass;
  /** null: nobody named himself; all such labels count as one operator */
  operator: string | null;
  /** trust, > 0; default 1 */
  weight?: number;
}

export interface Answer {
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
}

/** One rule's count that moved. `rule` names the rule and what it matched. */
export interface RuleChange {
  [name: string]: unknown;
  rule: string;
  agreed: number;
  disagreed: number;
}

export interface LabelEffect {
  before: Answer;
  after: Answer;
  /** what the memory holds about the group now; null when nothing */
  memory: Record<string, unknown> | null;
  rules: RuleChange[];
}

export interface LabelEffectDeps {
  /** what serves now; null: rules only */
  model: ModelVoice | null;
  nowMs: number;
}

const UNNAMED = "(unnamed)";
const LEARNING_RATE = 0.02;
/** Only rules that stood behind their class are judged by a label. */
const JUDGED_EVIDENCE = 0.2;

/** @param db a transaction: the label, its effects and its feedback row stand or fall together */
export async function applyClassFeedback(
  db: Database,
  feedback: ClassFeedback,
  deps: LabelEffectDeps,
): Promise<LabelEffect> {
  const stored = await lockFusionWeights(db, deps.nowMs);
  const learned = await readLearnedState(db);
  const engine = createRuleEngine(RULES);
  const { evidence } = await gatherEvidence([feedback.record], { engine, learned, model: deps.model });
  const [before] = await classifyRecords([feedback.record], { engine, learned, model: deps.model, explain: false });
  const label: OperatorLabel = {
    operator: feedback.operator ?? UNNAMED,
    class: feedback.class,
    weight: feedback.weight ?? 1,
    atMs: deps.nowMs,
  };
  const entry = (await findMemoryEntry(db, feedback.fingerprint)) ?? {
    fingerprint: feedback.fingerprint,
    signature: signatureOf(readError(feedback.record)),
    labels: [],
  };
  const isRepeat = entry.labels.some(
    ({ operator, class: said }) => operator === label.operator && said === label.class,
  );
  await rememberLabel(db, { ...entry, labels: withLabel(entry.labels, label) }, deps.nowMs);
  // An operator who repeats himself adds nothing to rules and pool.
  const rules = isRepeat ? [] : judgeRules(evidence[0]!.rules.fired, label);
  for (const { rule, agreed, disagreed } of rules) await bumpRulePosterior(db, rule, { agreed, disagreed });
  const context = { learned, model: deps.model };
  const voices = { ...voicesOf(evidence[0]!), memory: null };
  const weights = isRepeat
    ? weightsFor(context)
    : learnFromLabel(
        voices,
        weightsFor(context),
        ERROR_CLASSES.indexOf(label.class),
        LEARNING_RATE * Math.min(label.weight, 1),
      );
  await writeFusionWeights(
    db,
    {
      memoryVersion: stored.memoryVersion + 1,
      byModel: { ...stored.byModel, [deps.model?.version ?? RULES_ONLY]: weights },
    },
    deps.nowMs,
  );
  return {
    before: toAnswer(before!),
    after: await answerNow(db, feedback.record, engine, deps),
    memory: await memoryOf(db, feedback.fingerprint),
    rules,
  };
}

/** Takes one operator's label back: his label leaves the memory, and the rules' counts return to what they were. The pool's weights
 *  keep their small step: later steps were taken from there.
 *  @param applied the rule changes that `applyClassFeedback` answered */
export async function withdrawClassFeedback(
  db: Database,
  feedback: ClassFeedback,
  applied: readonly RuleChange[],
  deps: LabelEffectDeps,
): Promise<LabelEffect> {
  const stored = await lockFusionWeights(db, deps.nowMs);
  const engine = createRuleEngine(RULES);
  const before = await answerNow(db, feedback.record, engine, deps);
  const entry = await findMemoryEntry(db, feedback.fingerprint);
  if (entry !== null) {
    const operator = feedback.operator ?? UNNAMED;
    const labels = entry.labels.filter((label) => label.operator !== operator || label.class !== feedback.class);
    await rememberLabel(db, { ...entry, labels }, deps.nowMs);
  }
  const rules = applied.map(({ rule, agreed, disagreed }) => ({ rule, agreed: -agreed, disagreed: -disagreed }));
  for (const { rule, agreed, disagreed } of rules) await bumpRulePosterior(db, rule, { agreed, disagreed });
  await writeFusionWeights(db, { ...stored, memoryVersion: stored.memoryVersion + 1 }, deps.nowMs);
  return {
    before,
    after: await answerNow(db, feedback.record, engine, deps),
    memory: await memoryOf(db, feedback.fingerprint),
    rules,
  };
}

function judgeRules(
  fired: readonly { key: string; rule: { class: ErrorClass }; evidence: number }[],
  label: OperatorLabel,
): RuleChange[] {
  return fired
    .filter(({ evidence }) => evidence >= JUDGED_EVIDENCE)
    .map(({ key, rule }) => {
      const agrees = rule.class === label.class;
      return { rule: key, agreed: agrees ? label.weight : 0, disagreed: agrees ? 0 : label.weight };
    });
}

async function answerNow(
  db: Database,
  record: ErrorRecord,
  engine: RuleEngine,
  { model }: LabelEffectDeps,
): Promise<Answer> {
  const learned = await readLearnedState(db);
  const [answer] = await classifyRecords([record], { engine, learned, model, explain: false });
  return toAnswer(answer!);
}

async function memoryOf(db: Database, fingerprint: string): Promise<Record<string, unknown> | null> {
  const entry = await findMemoryEntry(db, fingerprint);
  if (entry === null) return null;
  const standing = standingOf(entry.labels);
  return {
    fingerprint,
    standing,
    labels: entry.labels.map(({ operator, class: said }) => ({ operator, class: said })),
  };
}

function toAnswer({ class: verdict, probability, abstained }: Classification): Answer {
  return { class: verdict, probability, abstained };
}
