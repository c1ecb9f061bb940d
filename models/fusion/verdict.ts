/** From the voices to the answer: pool, abstain or decide, and say why in one sentence. */

import { simpleName } from "../classifier/identifiers.ts";
import type { ReadError } from "../classifier/read-error.ts";
import { describeProbability } from "../describe-probability.ts";
import type { Novelty } from "../drift/novelty.ts";
import type { FiredRule, RuleOutcome } from "../rules/rule-engine.ts";
import { CLASS_GUIDE, type Severity } from "../taxonomy/class-guide.ts";
import { ERROR_CLASSES, type ErrorClass } from "../taxonomy/classes.ts";
import type { Classification, ClassificationStep, Explanation, TokenWeight, Vote } from "./classification.ts";
import type { FusionWeights } from "./fusion-weights.ts";
import { memoryOpinion, type Recollection } from "./label-memory.ts";
import { argmax, poolVoices, type Voices } from "./pool.ts";

export interface Evidence {
  error: ReadError;
  fingerprint: string;
  rules: RuleOutcome;
  /** calibrated; null when no model answered */
  model: Float64Array | null;
  recollection: Recollection | null;
  step: ClassificationStep;
  novelty: Novelty | null;
  modelVersion: string | null;
}

export interface Decision {
  pooled: Float64Array;
  /** the most likely class, also when the answer abstains */
  class: ErrorClass;
  probability: number;
  abstained: boolean;
}

export function voicesOf({ rules, model, recollection }: Pick<Evidence, "rules" | "model" | "recollection">): Voices {
  return {
    rules: rules.fired.length === 0 ? null : rules.distribution,
    operatorRule: operatorEvidence(rules.fired),
    model,
    memory: recollection === null ? null : memoryOpinion(recollection),
  };
}

function operatorEvidence(fired: readonly FiredRule[]): number {
  let most = 0;
  for (const { rule, evidence } of fired) if (rule.origin === "operator") most = Math.max(most, evidence);
  return most;
}

export function decide(voices: Voices, weights: FusionWeights): Decision {
  const pooled = poolVoices(voices, weights);
  const best = argmax(pooled);
  const probability = pooled[best]!;
  return { pooled, class: ERROR_CLASSES[best]!, probability, abstained: probability < weights.abstainBelow };
}

/** @param tokens of the model for the decided class, when they were asked for */
export function verdict(evidence: Evidence, decision: Decision, tokens: TokenWeight[] | null): Classification {
  const voices = voicesOf(evidence);
  const guide = CLASS_GUIDE[decision.class];
  const rule = evidence.rules.fired.find((fired) => fired.rule.class === decision.class) ?? null;
  const advice = rule?.rule.advice;
  const votes = {
    rules: voices.rules === null ? null : toVote(voices.rules),
    model: voices.model === null ? null : toVote(voices.model),
    memory: voices.memory === null ? null : toVote(voices.memory.distribution),
  };
  return {
    class: decision.abstained ? "unknown" : decision.class,
    probability: decision.probability,
    abstained: decision.abstained,
    severity: severityOf(evidence.error, rule?.rule.severity ?? guide.severity),
    retryable: rule?.rule.retryable ?? guide.retryable,
    fingerprint: evidence.fingerprint,
    votes,
    explanation: explain(evidence, decision, rule, votes, tokens),
    recommendedActions: [...(advice === undefined ? [] : [advice]), ...guide.recommendedActions],
    step: evidence.step,
    novelty: evidence.novelty,
    modelVersion: evidence.modelVersion,
  };
}

/** A process that logs its own end is in more trouble than one that logs an error. */
function severityOf(error: ReadError, severity: Severity): Severity {
  return /^(?:fatal|panic|emerg|alert|critical)$/i.test(error.severityText ?? "") && severity !== "low"
    ? "critical"
    : severity;
}

function toVote(distribution: Float64Array): Vote {
  const best = argmax(distribution);
  const shown: Vote["distribution"] = {};
  for (const [index, probability] of distribution.entries()) {
    if (probability >= 0.01) shown[ERROR_CLASSES[index]!] = probability;
  }
  return { class: ERROR_CLASSES[best]!, probability: distribution[best]!, distribution: shown };
}

function explain(
  evidence: Evidence,
  decision: Decision,
  rule: FiredRule | null,
  votes: Classification["votes"],
  tokens: TokenWeight[] | null,
): Explanation {
  const { error, recollection } = evidence;
  const decisive = rule !== null && rule.cause >= 0 ? error.chain[rule.cause]! : error.root;
  const explanation: Explanation = { sentence: sentenceOf(evidence, decision, rule, votes, tokens) };
  if (rule !== null)
    explanation.rule = { id: rule.rule.id, matched: rule.matched, source: rule.rule.origin ?? "shipped" };
  if (tokens !== null) explanation.tokens = tokens;
  if (error.chain.length > 1) explanation.rootCause = { type: decisive.type, message: decisive.message.slice(0, 500) };
  if (recollection !== null) {
    const { fingerprint, similarity, operators } = recollection;
    explanation.memory = { fingerprint, class: recollection.class, similarity, operators };
  }
  return explanation;
}

function sentenceOf(
  { error, rules, recollection, novelty }: Evidence,
  decision: Decision,
  rule: FiredRule | null,
  votes: Classification["votes"],
  tokens: TokenWeight[] | null,
): string {
  const parts: string[] = [];
  if (recollection !== null) {
    const who = recollection.operators === 1 ? "an operator" : `${recollection.operators} operators`;
    const what =
      recollection.similarity === 1 ? "this error" : `an error ${describeProbability(recollection.similarity)} like it`;
    parts.push(`${who} labelled ${what} ${recollection.class}`);
  }
  if (rule !== null)
    parts.push(`${ruleName(rule)} says ${rule.rule.class} for ${rule.matched.slice(0, 2).map(quote).join(" and ")}`);
  const dissent = rules.fired.find((fired) => fired.rule.class !== decision.class && fired.evidence > 0.5);
  if (dissent !== undefined) parts.push(`against it, ${ruleName(dissent)} says ${dissent.rule.class}`);
  if (votes.model !== null) {
    const because = tokens?.filter(({ token, weight }) => weight > 0 && !token.startsWith("(")).slice(0, 2) ?? [];
    const reason = because.length === 0 ? "" : `, mostly for ${because.map(({ token }) => quote(token)).join(" and ")}`;
    parts.push(`the model gives ${votes.model.class} ${describeProbability(votes.model.probability)}${reason}`);
  }
  if (novelty?.novel === true)
    parts.push(
      `${describeProbability(novelty.unknownShare)} of its words are unknown to the model, so it may be of a new kind`,
    );
  if (parts.length === 0) parts.push("no rule, model or remembered label has anything to say");
  const outcome = decision.abstained
    ? `together only ${describeProbability(decision.probability)} for ${decision.class}, too little to decide`
    : `together ${decision.class} with ${describeProbability(decision.probability)}`;
  return `${subjectOf(error, rule)} → ${parts.join("; ")}; ${outcome}.`;
}

function ruleName({ rule }: FiredRule): string {
  return rule.origin === "operator" ? `the operators' rule ${rule.id}` : `rule ${rule.id}`;
}

function subjectOf(error: ReadError, rule: FiredRule | null): string {
  const cause = rule !== null && rule.cause >= 0 ? error.chain[rule.cause]! : error.root;
  const type = cause.type === null ? "" : simpleName(cause.type);
  const code = cause.codes[0] ?? error.attributeCodes[0];
  const message = cause.message === "" ? "" : quote(cause.message.split("\n")[0]!.slice(0, 100));
  const text = [type, code === undefined ? "" : `(${code})`, message].filter((part) => part !== "").join(" ");
  return text === "" ? "An error without text" : text;
}

function quote(text: string): string {
  return `'${text}'`;
}
