/** What one judgement on an error changes, all in the caller's transaction. What was learnt is worked out from the labels that stand, so
 *  giving a label and taking it back leaves no trace. The next classification in any process sees it (label-follower.ts). */
import type { Classification } from "../../../models/fusion/classification.ts";
import type { FusionWeights } from "../../../models/fusion/fusion-weights.ts";
import { type GivenLabel, type LabelEvidence, UNNAMED_OPERATOR } from "../../../models/fusion/given-label.ts";
import { signatureOf, standingOf } from "../../../models/fusion/label-memory.ts";
import type { Learned } from "../../../models/fusion/learned.ts";
import { poolVoices } from "../../../models/fusion/pool.ts";
import { type Evidence, voicesOf } from "../../../models/fusion/verdict.ts";
import type { RuleEngine } from "../../../models/rules/rule-engine.ts";
import { ERROR_CLASSES, type ErrorClass, type ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "../store/database.ts";
import { withdrawFeedback } from "../store/feedback-store.ts";
import { countLabel, dropLabel, tickLabelClock } from "../store/labels-store.ts";
import { classifyRecords, gatherEvidence } from "./error-classifier.ts";
import { judgedRules, type LabelSet, readNewLabels, withLabel, withoutLabel } from "./label-set.ts";
import { type ModelVoice, RULES_ONLY, weightsFor } from "./model-voice.ts";

export interface ClassFeedback {
  /** of the feedback row, which the transaction has written */
  id: string;
  fingerprint: string;
  /** the error as it was judged */
  record: ErrorRecord;
  class: ErrorClass;
  /** null: nobody named himself; all such labels count as one operator */
  operator: string | null;
}

export interface Answer {
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
}

/** One rule's record of agreement that moved. `rule` names the rule and what it matched. */
interface RuleChange {
  rule: string;
  /** by how much the counts moved */
  agreed: number;
  disagreed: number;
  /** probability of its class by this rule alone, on this error; null when it did not fire on it */
  evidence: { before: number; after: number } | null;
}

interface WeightChange {
  /** of the model that votes, or `rules_only` */
  modelVersion: string;
  before: { rules: number; model: number };
  after: { rules: number; model: number };
}

/** What the operators' labels of a group amount to. */
interface GroupMemory {
  fingerprint: string;
  /** null when they contradict each other */
  class: ErrorClass | null;
  operators: number;
  labels: { operator: string; class: ErrorClass }[];
}

export interface LabelEffect {
  before: Answer;
  after: Answer;
  /** the probability of the class that the label names */
  labelProbability: { before: number; after: number };
  /** what the memory holds about the group now; null when nothing */
  memory: GroupMemory | null;
  rules: RuleChange[];
  weights: WeightChange;
}

export interface LabelEffectDeps {
  engine: RuleEngine;
  /** what serves now; null: rules only */
  model: ModelVoice | null;
  /** labels known so far: only newer ones are read */
  held: LabelSet;
  nowMs: number;
}

export interface AppliedLabel {
  effect: LabelEffect;
  /** what counts once the transaction commits */
  learned: Learned;
}

/** @param db a transaction: the label, its effects and its feedback row stand or fall together */
export async function applyClassFeedback(
  db: Database,
  feedback: ClassFeedback,
  deps: LabelEffectDeps,
): Promise<AppliedLabel> {
  const version = await tickLabelClock(db);
  const before = await readNewLabels(db, deps.held, deps.engine);
  const evidence = await evidenceFor(feedback, before.learned, deps);
  await countLabel(db, feedback.id, { version, evidence });
  const label: GivenLabel = {
    id: feedback.id,
    // The newest of all, as its row is.
    seq: Number.MAX_SAFE_INTEGER,
    fingerprint: feedback.fingerprint,
    operator: feedback.operator ?? UNNAMED_OPERATOR,
    class: feedback.class,
    atMs: deps.nowMs,
    evidence,
  };
  const after = withLabel(before, label);
  return { effect: await effectBetween(before, after, feedback, deps), learned: after.learned };
}

/** Takes a label back. An earlier label by the same operator on the same group, which it had replaced, counts again.
 *  @param db a transaction
 *  @returns null when it was withdrawn before */
export async function withdrawClassFeedback(
  db: Database,
  feedback: ClassFeedback,
  deps: LabelEffectDeps,
): Promise<AppliedLabel | null> {
  const version = await tickLabelClock(db);
  const before = await readNewLabels(db, deps.held, deps.engine);
  if (!(await withdrawFeedback(db, feedback.id, deps.nowMs))) return null;
  await dropLabel(db, feedback.id, version);
  const after = withoutLabel(before, feedback.id);
  return { effect: await effectBetween(before, after, feedback, deps), learned: after.learned };
}

async function evidenceFor(
  { record, class: said }: ClassFeedback,
  learned: Learned,
  { engine, model }: LabelEffectDeps,
): Promise<LabelEvidence> {
  const { evidence } = await gatherEvidence([record], { engine, learned, model });
  const own = evidence[0]!;
  const { rules, model: modelVote } = voicesOf(own);
  const pooled = poolVoices(voicesOf(own), weightsFor({ learned, model }));
  return {
    signature: signatureOf(own.error),
    rules: judgedRules(own.rules.fired),
    votes: {
      rules: rules === null ? null : rounded(rules),
      model: modelVote === null ? null : rounded(modelVote),
      modelVersion: model?.version ?? RULES_ONLY,
    },
    loss: -Math.log(Math.max(1e-6, pooled[ERROR_CLASSES.indexOf(said)]!)),
  };
}

async function effectBetween(
  before: LabelSet,
  after: LabelSet,
  { record, fingerprint, class: said }: ClassFeedback,
  { engine, model }: LabelEffectDeps,
): Promise<LabelEffect> {
  const sideOf = async ({ learned }: LabelSet) => {
    const context = { engine, learned, model };
    const [answer] = await classifyRecords([record], { ...context, explain: false });
    const { evidence } = await gatherEvidence([record], context);
    const weights = weightsFor(context);
    return { learned, evidence: evidence[0]!, weights, answer: toAnswer(answer!) };
  };
  const [then, now] = [await sideOf(before), await sideOf(after)];
  const probabilityOf = (side: typeof then): number =>
    poolVoices(voicesOf(side.evidence), side.weights)[ERROR_CLASSES.indexOf(said)]!;
  return {
    before: then.answer,
    after: now.answer,
    labelProbability: { before: probabilityOf(then), after: probabilityOf(now) },
    memory: memoryOf(now.learned, fingerprint),
    rules: changedRules(then, now),
    weights: {
      modelVersion: model?.version ?? RULES_ONLY,
      before: exponents(then.weights),
      after: exponents(now.weights),
    },
  };
}

type Side = { learned: Learned; evidence: Evidence };

function changedRules(before: Side, after: Side): RuleChange[] {
  const none = { agreed: 0, disagreed: 0 };
  const keys = new Set([...before.learned.posteriors.keys(), ...after.learned.posteriors.keys()]);
  const evidenceOf = ({ evidence }: Side, key: string): number | undefined =>
    evidence.rules.fired.find((fired) => fired.key === key)?.evidence;
  return [...keys].flatMap((rule) => {
    const then = before.learned.posteriors.get(rule) ?? none;
    const now = after.learned.posteriors.get(rule) ?? none;
    const agreed = now.agreed - then.agreed;
    const disagreed = now.disagreed - then.disagreed;
    if (Math.abs(agreed) + Math.abs(disagreed) < 1e-9) return [];
    const [earlier, later] = [evidenceOf(before, rule), evidenceOf(after, rule)];
    const evidence = earlier === undefined || later === undefined ? null : { before: earlier, after: later };
    return [{ rule, agreed, disagreed, evidence }];
  });
}

function memoryOf({ labels, regrouping }: Learned, labelled: string): GroupMemory | null {
  const fingerprint = regrouping.groupOf(labelled);
  const own = labels.filter((label) => label.fingerprint === fingerprint);
  if (own.length === 0) return null;
  const standing = standingOf(
    own.map(({ operator, class: said, atMs }) => ({ operator, class: said, weight: 1, atMs })),
  );
  return {
    fingerprint,
    class: standing?.class ?? null,
    operators: standing?.operators ?? own.length,
    labels: own.map(({ operator, class: said }) => ({ operator, class: said })),
  };
}

function exponents({ rules, model }: FusionWeights): { rules: number; model: number } {
  return { rules, model };
}

/** Six digits carry all that a vote says. */
function rounded(distribution: Float64Array): number[] {
  return [...distribution].map((value) => Number(value.toFixed(6)));
}

function toAnswer({ class: verdict, probability, abstained }: Classification): Answer {
  return { class: verdict, probability, abstained };
}
