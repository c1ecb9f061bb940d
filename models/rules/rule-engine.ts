/** Runs the rule table over an error's causes. Every cause is looked at; the innermost counts fully and each step outwards counts
 *  less, because wrappers say what was attempted, not what failed. The evidence of rules for the same class adds up as odds. */

import { camelPhrases, identifierWords, simpleName } from "../classifier/identifiers.ts";
import type { ReadCause, ReadError } from "../classifier/read-error.ts";
import { ERROR_CLASSES, type ErrorClass } from "../taxonomy/classes.ts";
import {
  createPhraseMatcher,
  dropContained,
  normaliseText,
  type PhraseMatch,
  type PhraseMatcher,
} from "./phrase-matcher.ts";
import type { Rule } from "./rule.ts";

const OUTWARD_DISCOUNT = 0.55;
const ATTRIBUTE_DISTANCE = 0.35;
const CONTEXT_DISTANCE = 2;
const MAX_TEXT = 3_000;
const MAX_FRAMES = 6;
const MAX_KEY = 60;

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
  const index = indexRules(rules);
  return {
    evaluate(error, posteriors) {
      const best = new Map<Rule, FiredRule>();
      const consider = (rule: Rule, matched: string[], distance: number, cause: number): void => {
        const key = `${rule.id}/${matched[0]!.slice(0, MAX_KEY)}`;
        const evidence = meanStrength(rule, posteriors?.get(key)) * OUTWARD_DISCOUNT ** distance;
        const before = best.get(rule);
        if (before === undefined || before.evidence < evidence) best.set(rule, { rule, key, matched, evidence, cause });
      };
      const rootIndex = error.chain.length - 1;
      for (const [at, cause] of error.chain.entries()) {
        for (const hit of matchCause(index, cause)) consider(hit.rule, hit.matched, rootIndex - at, at);
      }
      for (const code of error.attributeCodes) {
        for (const rule of index.byCode(code)) if (isFree(rule)) consider(rule, [code], ATTRIBUTE_DISTANCE, -1);
      }
      if (error.context !== "") {
        for (const hit of matchPhrases(index, normaliseText(error.context)))
          consider(hit.rule, hit.matched, CONTEXT_DISTANCE, -2);
      }
      const fired = [...best.values()].sort((a, b) => b.evidence - a.evidence || (a.rule.id < b.rule.id ? -1 : 1));
      return { fired, distribution: pool(fired) };
    },
  };
}

/** Odds add up within a class; what no rule claims stays spread over all classes. */
function pool(fired: readonly FiredRule[]): Float64Array {
  const odds = new Float64Array(ERROR_CLASSES.length).fill(1 / ERROR_CLASSES.length);
  const seen = new Map<ErrorClass, number>();
  for (const { rule, evidence } of fired) {
    const rank = seen.get(rule.class) ?? 0;
    seen.set(rule.class, rank + 1);
    // Rules of one class often fire on the same words: each further one counts half.
    odds[ERROR_CLASSES.indexOf(rule.class)]! += evidence / (1 - Math.min(evidence, 0.995)) / 2 ** rank;
  }
  const sum = odds.reduce((total, value) => total + value, 0);
  return odds.map((value) => value / sum);
}

function meanStrength(rule: Rule, counts: { agreed: number; disagreed: number } | undefined): number {
  if (counts === undefined) return rule.strength;
  return (rule.strength * PRIOR_JUDGEMENTS + counts.agreed) / (PRIOR_JUDGEMENTS + counts.agreed + counts.disagreed);
}

interface RuleIndex {
  byType(type: string): Rule[];
  byCode(code: string): Rule[];
  phraseRules: { rule: Rule; role: "main" | "with" | "without"; text: string }[];
  matcher: PhraseMatcher;
  frameRules: readonly Rule[];
}

function indexRules(rules: readonly Rule[]): RuleIndex {
  const exactTypes = new Map<string, Rule[]>();
  const wildTypes: { rule: Rule; core: string; open: "start" | "end" | "both" }[] = [];
  const exactCodes = new Map<string, Rule[]>();
  const prefixCodes: { rule: Rule; prefix: string }[] = [];
  const phraseRules: RuleIndex["phraseRules"] = [];
  for (const rule of rules) {
    for (const type of rule.types ?? []) {
      const start = type.startsWith("*");
      const end = type.endsWith("*");
      if (start || end)
        wildTypes.push({
          rule,
          core: type.replaceAll("*", "").toLowerCase(),
          open: start && end ? "both" : start ? "start" : "end",
        });
      else push(exactTypes, type.toLowerCase(), rule);
    }
    for (const code of rule.codes ?? []) {
      if (code.endsWith("*")) prefixCodes.push({ rule, prefix: code.slice(0, -1) });
      else push(exactCodes, code, rule);
    }
    for (const text of rule.phrases ?? []) phraseRules.push({ rule, role: "main", text });
    for (const text of rule.with ?? []) phraseRules.push({ rule, role: "with", text });
    for (const text of rule.without ?? []) phraseRules.push({ rule, role: "without", text });
  }
  return {
    byType(type) {
      const full = type.toLowerCase();
      const simple = simpleName(type).toLowerCase();
      const wild = wildTypes.filter(({ core, open }) =>
        open === "both"
          ? simple.includes(core)
          : open === "start"
            ? simple.endsWith(core)
            : simple.startsWith(core) || full.startsWith(core),
      );
      return [
        ...new Set([
          ...(exactTypes.get(full) ?? []),
          ...(exactTypes.get(simple) ?? []),
          ...wild.map(({ rule }) => rule),
        ]),
      ];
    },
    byCode: (code) => [
      ...(exactCodes.get(code) ?? []),
      ...prefixCodes.filter(({ prefix }) => code.startsWith(prefix)).map(({ rule }) => rule),
    ],
    phraseRules,
    matcher: createPhraseMatcher(phraseRules.map(({ text }) => text)),
    frameRules: rules.filter((rule) => rule.frames !== undefined),
  };
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

interface Hit {
  rule: Rule;
  matched: string[];
}

function matchCause(index: RuleIndex, cause: ReadCause): Hit[] {
  const text = searchText(cause);
  const phrases = phraseHits(index, text);
  const hits = new Map<Rule, string[]>();
  const add = (rule: Rule, words: string): void => {
    const matched = hits.get(rule);
    if (matched === undefined) hits.set(rule, [words]);
    else if (!matched.includes(words)) matched.push(words);
  };
  if (cause.type !== null) for (const rule of index.byType(cause.type)) add(rule, cause.type);
  for (const code of cause.codes) for (const rule of index.byCode(code)) add(rule, code);
  for (const [rule, words] of phrases.main) for (const word of words) add(rule, word);
  for (const rule of index.frameRules) {
    const frame = cause.frames
      .slice(0, MAX_FRAMES)
      .map(({ module, function: name }) => `${module}.${name}`)
      .find((name) => rule.frames!.some((part) => name.includes(part)));
    if (frame !== undefined) add(rule, frame);
  }
  return [...hits]
    .filter(([rule]) => (rule.with === undefined || phrases.with.has(rule)) && !phrases.without.has(rule))
    .map(([rule, matched]) => ({ rule, matched }));
}

function matchPhrases(index: RuleIndex, text: string): Hit[] {
  const phrases = phraseHits(index, text);
  return [...phrases.main]
    .filter(([rule]) => (rule.with === undefined || phrases.with.has(rule)) && !phrases.without.has(rule))
    .map(([rule, matched]) => ({ rule, matched }));
}

function phraseHits(
  index: RuleIndex,
  text: string,
): { main: Map<Rule, string[]>; with: Set<Rule>; without: Set<Rule> } {
  const found = { main: new Map<Rule, string[]>(), with: new Set<Rule>(), without: new Set<Rule>() };
  const main: PhraseMatch[] = [];
  for (const match of index.matcher.match(text)) {
    const { rule, role } = index.phraseRules[match.phrase]!;
    if (role === "with") found.with.add(rule);
    else if (role === "without") found.without.add(rule);
    else main.push(match);
  }
  for (const match of dropContained(main)) {
    const { rule } = index.phraseRules[match.phrase]!;
    found.main.set(rule, [...(found.main.get(rule) ?? []), matchedWords(text, match)]);
  }
  return found;
}

function matchedWords(text: string, match: PhraseMatch): string {
  return text.slice(match.start, Math.min(match.end, match.start + 120));
}

/** The message, the type as words, and what is written in camel case inside of the message, as words. Parts are kept apart by `|`. */
function searchText(cause: ReadCause): string {
  const message = cause.message.slice(0, MAX_TEXT);
  const detail = cause.detail.slice(0, MAX_TEXT);
  const parts = [
    message,
    detail,
    cause.type === null ? "" : identifierWords(simpleName(cause.type)).join(" "),
    ...camelPhrases(message),
  ];
  return normaliseText(parts.filter((part) => part !== "").join(" | "));
}

function isFree(rule: Rule): boolean {
  return rule.with === undefined;
}
