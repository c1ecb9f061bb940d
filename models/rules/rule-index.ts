/** Finds the rules that speak about one cause: by type, by code, by frame, and by phrase in one pass over its text. */
import { camelPhrases, identifierWords, simpleName } from "../classifier/identifiers.ts";
import type { ReadCause } from "../classifier/read-error.ts";
import { createPhraseMatcher, dropContained, type PhraseMatch, type PhraseMatcher } from "./phrase-matcher.ts";
import { normaliseText } from "./phrase-pattern.ts";
import type { Rule } from "./rule.ts";

const MAX_TEXT = 3_000;
const MAX_FRAMES = 6;
const MAX_NAMES = 12;
const MAX_MATCHED = 120;

export interface Hit {
  rule: Rule;
  /** types, codes, words and frames that it matched, at least one */
  matched: string[];
}

export interface RuleIndex {
  ofCause(cause: ReadCause): Hit[];
  /** Phrases alone, for words that stand beside an exception. */
  ofText(text: string): Hit[];
  ofCode(code: string): readonly Rule[];
}

interface PhraseRole {
  rule: Rule;
  role: "main" | "with" | "without";
  text: string;
}

interface PhraseHits {
  main: Map<Rule, string[]>;
  with: Set<Rule>;
  without: Set<Rule>;
}

export function createRuleIndex(rules: readonly Rule[]): RuleIndex {
  const types = indexNames(rules);
  const codes = indexCodes(rules);
  const roles = rules.flatMap(rolesOf);
  const matcher = createPhraseMatcher(roles.map(({ text }) => text));
  const frameRules = rules.filter((rule) => rule.frames !== undefined);
  return {
    ofCode: codes,
    ofText: (text) => allowed(findPhrases(matcher, roles, normaliseText(text))),
    ofCause(cause) {
      const found = findPhrases(matcher, roles, searchText(cause));
      if (cause.type !== null) for (const rule of types.ofType(cause.type)) addWords(found.main, rule, cause.type);
      for (const code of cause.codes) for (const rule of codes(code)) addWords(found.main, rule, code);
      for (const name of namesIn(cause.message))
        for (const rule of types.ofName(name)) addWords(found.main, rule, name);
      if (cause.frames.length > 0) {
        for (const rule of frameRules) {
          const frame = frameOf(cause, rule.frames!);
          if (frame !== undefined) addWords(found.main, rule, frame);
        }
      }
      return allowed(found);
    },
  };
}

function addWords(main: PhraseHits["main"], rule: Rule, words: string): void {
  const matched = main.get(rule);
  if (matched === undefined) main.set(rule, [words]);
  else if (!matched.includes(words)) matched.push(words);
}

function rolesOf(rule: Rule): PhraseRole[] {
  return [
    ...(rule.phrases ?? []).map((text): PhraseRole => ({ rule, role: "main", text })),
    ...(rule.with ?? []).map((text): PhraseRole => ({ rule, role: "with", text })),
    ...(rule.without ?? []).map((text): PhraseRole => ({ rule, role: "without", text })),
  ];
}

function findPhrases(matcher: PhraseMatcher, roles: readonly PhraseRole[], text: string): PhraseHits {
  const found: PhraseHits = { main: new Map(), with: new Set(), without: new Set() };
  const main: PhraseMatch[] = [];
  for (const match of matcher.match(text)) {
    const { rule, role } = roles[match.phrase]!;
    if (role === "main") main.push(match);
    else found[role].add(rule);
  }
  const kept = dropContained(
    main,
    (outer, inner) => roles[outer.phrase]!.rule.class !== roles[inner.phrase]!.rule.class,
  );
  for (const match of kept) {
    const { rule } = roles[match.phrase]!;
    const words = text.slice(match.start, Math.min(match.end, match.start + MAX_MATCHED));
    const matched = found.main.get(rule);
    if (matched === undefined) found.main.set(rule, [words]);
    else matched.push(words);
  }
  return found;
}

function allowed(found: PhraseHits): Hit[] {
  const hits: Hit[] = [];
  for (const [rule, matched] of found.main) {
    if (found.without.has(rule) || (rule.with !== undefined && !found.with.has(rule))) continue;
    hits.push({ rule, matched });
  }
  return hits;
}

/** The message, the type as words, and what is written in camel case inside of the message, as words. Parts are kept apart by `|`. */
function searchText(cause: ReadCause): string {
  const message = cause.message.slice(0, MAX_TEXT);
  const parts = [
    message,
    cause.detail.slice(0, MAX_TEXT),
    cause.type === null ? "" : identifierWords(simpleName(cause.type)).join(" "),
    ...camelPhrases(message),
  ];
  return normaliseText(parts.filter((part) => part !== "").join(" | "));
}

/** Names of errors as they stand inside of a text: `(NoSuchKey)`, `ER_DUP_ENTRY`, `index_not_found_exception`. */
function namesIn(message: string): string[] {
  const found = message
    .slice(0, MAX_TEXT)
    .match(/\b[A-Za-z][A-Za-z0-9]{0,40}(?:_[A-Za-z0-9]{1,40}){1,6}\b|\b[A-Z][a-zA-Z0-9]{2,60}\b/g);
  return found === null ? [] : found.filter((name) => /_|[a-z][A-Z]|\d/.test(name)).slice(0, MAX_NAMES);
}

function frameOf(cause: ReadCause, parts: readonly string[]): string | undefined {
  return cause.frames
    .slice(0, MAX_FRAMES)
    .map(({ module, function: name }) => `${module}.${name}`)
    .find((name) => parts.some((part) => name.includes(part)));
}

function indexNames(rules: readonly Rule[]): {
  ofType(type: string): Set<Rule>;
  ofName(name: string): readonly Rule[];
} {
  const exact = new Map<string, Rule[]>();
  const open: { rule: Rule; matches(simple: string, full: string): boolean }[] = [];
  for (const rule of rules) {
    for (const type of rule.types ?? []) {
      const core = type.replaceAll("*", "").toLowerCase();
      const isOpenBefore = type.startsWith("*");
      const isOpenAfter = type.endsWith("*");
      if (isOpenBefore && isOpenAfter) open.push({ rule, matches: (simple) => simple.includes(core) });
      else if (isOpenBefore) open.push({ rule, matches: (simple) => simple.endsWith(core) });
      else if (isOpenAfter)
        open.push({ rule, matches: (simple, full) => simple.startsWith(core) || full.startsWith(core) });
      else push(exact, core, rule);
    }
  }
  return {
    ofType(type) {
      const full = type.toLowerCase();
      const simple = simpleName(type).toLowerCase();
      const found = new Set([...(exact.get(full) ?? []), ...(exact.get(simple) ?? [])]);
      for (const { rule, matches } of open) if (matches(simple, full)) found.add(rule);
      return found;
    },
    ofName: (name) => exact.get(name.toLowerCase()) ?? [],
  };
}

function indexCodes(rules: readonly Rule[]): (code: string) => readonly Rule[] {
  const exact = new Map<string, Rule[]>();
  const prefixes: { rule: Rule; prefix: string }[] = [];
  for (const rule of rules) {
    for (const code of rule.codes ?? []) {
      if (code.endsWith("*")) prefixes.push({ rule, prefix: code.slice(0, -1) });
      else push(exact, code, rule);
    }
  }
  // A code that is listed by itself is an exception to the ranges that it lies in.
  return (code) => exact.get(code) ?? prefixes.filter(({ prefix }) => code.startsWith(prefix)).map(({ rule }) => rule);
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
