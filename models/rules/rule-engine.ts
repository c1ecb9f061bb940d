/** Runs the rule table over an error's causes. Every cause is looked at; the innermost counts fully and each step outwards counts
 *  less, because wrappers say what was attempted, not what failed. The evidence of rules for the same class adds up as odds. */

import type { ReadError } from "../classifier/read-error.ts";
import { ERROR_CLASSES, type ErrorClass } from "../taxonomy/classes.ts";
import type { Rule } from "./rule.ts";
import { createRuleIndex, type Hit } from "./rule-index.ts";

const OUTWARD_DISCOUNT = 0.55;
const ATTRIBUTE_DISTANCE = 0.35;
const CONTEXT_DISTANCE = 2;
const MAX_KEY = 60;
/** Keeps odds finite. */
const MAX_EVIDENCE = 0.999;

export interface FiredRule {
  rule: Rule;
  /** `rule-id/what it matched`: operators' agreement is counted for this, so that one bad phrase does not spoil a whole rule */
  key: string;
  /** words, type or code that it matched */
  matched: string[];
  /** probability of its class by this rule alone, after posterior and distance */
  evidence: number;
  /** index into the chain; -1 for attributes, -2 for context */
  cause: number;
}

export interface RuleOutcome {
  /** strongest first */
  fired: FiredRule[];
  /** over all classes, sums to 1; uniform when nothing fired */
  distribution: Float64Array;
}

/** How often operators agreed with a rule: pseudo-counts beside its prior. */
export type RulePosteriors = ReadonlyMap<string, { agreed: number; disagreed: number }>;

export interface RuleEngine {
  evaluate(error: ReadError, posteriors?: RulePosteriors): RuleOutcome;
}

/** Weight of a rule's stated strength, in judgements: after this many labels, labels and prior count the same. */
const PRIOR_JUDGEMENTS = 8;

export function createRuleEngine(rules: readonly Rule[]): RuleEngine {
  const index = createRuleIndex(rules);
  return {
    evaluate(error, posteriors) {
      const best: Best = new Map();
      const rootIndex = error.chain.length - 1;
      for (const [at, cause] of error.chain.entries()) {
        for (const hit of index.ofCause(cause)) consider(best, hit, rootIndex - at, at, posteriors);
      }
      for (const code of error.attributeCodes) {
        for (const rule of index.ofCode(code))
          if (rule.with === undefined) consider(best, { rule, matched: [code] }, ATTRIBUTE_DISTANCE, -1, posteriors);
      }
      if (error.context !== "") {
        for (const hit of index.ofText(error.context)) consider(best, hit, CONTEXT_DISTANCE, -2, posteriors);
      }
      const fired = [...best.values()].sort((a, b) => b.evidence - a.evidence || (a.rule.id < b.rule.id ? -1 : 1));
      return { fired, distribution: pool(fired) };
    },
  };
}

type Best = Map<Rule, FiredRule>;

function consider(
  best: Best,
  { rule, matched }: Hit,
  distance: number,
  cause: number,
  posteriors: RulePosteriors | undefined,
): void {
  const key = `${rule.id}/${matched[0]!.slice(0, MAX_KEY)}`;
  const discount = rule.origin === "operator" ? 1 : OUTWARD_DISCOUNT ** distance;
  const evidence = meanStrength(rule, posteriors?.get(key)) * discount;
  const before = best.get(rule);
  if (before === undefined || before.evidence < evidence) best.set(rule, { rule, key, matched, evidence, cause });
}

/** Odds add up within a class; what no rule claims stays spread over all classes. */
function pool(fired: readonly FiredRule[]): Float64Array {
  const odds = new Float64Array(ERROR_CLASSES.length).fill(1 / ERROR_CLASSES.length);
  const seen = new Map<ErrorClass, number>();
  for (const { rule, evidence } of fired) {
    const rank = seen.get(rule.class) ?? 0;
    seen.set(rule.class, rank + 1);
    // Rules of one class often fire on the same words: each further one counts half.
    odds[ERROR_CLASSES.indexOf(rule.class)]! += evidence / (1 - Math.min(evidence, MAX_EVIDENCE)) / 2 ** rank;
  }
  let sum = 0;
  for (const value of odds) sum += value;
  for (let c = 0; c < odds.length; c++) odds[c]! /= sum;
  return odds;
}

function meanStrength(rule: Rule, counts: { agreed: number; disagreed: number } | undefined): number {
  if (counts === undefined) return rule.strength;
  return (rule.strength * PRIOR_JUDGEMENTS + counts.agreed) / (PRIOR_JUDGEMENTS + counts.agreed + counts.disagreed);
}
