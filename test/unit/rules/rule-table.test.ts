import { describe, expect, it } from "vitest";
import { CODE_SPACES } from "../../../models/classifier/codes.ts";
import { readError } from "../../../models/classifier/read-error.ts";
import { argmax } from "../../../models/fusion/pool.ts";
import { exampleRecord } from "../../../models/rules/example-record.ts";
import { phraseProblem } from "../../../models/rules/phrase-pattern.ts";
import type { Rule, RuleExample } from "../../../models/rules/rule.ts";
import { createRuleEngine, type RuleOutcome } from "../../../models/rules/rule-engine.ts";
import { RULES } from "../../../models/rules/rule-table.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";

const engine = createRuleEngine(RULES);
const HINT = 0.7;

function evaluate(example: RuleExample): RuleOutcome {
  return engine.evaluate(readError(exampleRecord(example)));
}

function classOf(example: RuleExample): string {
  const { fired, distribution } = evaluate(example);
  return fired.length === 0 ? "nothing" : ERROR_CLASSES[argmax(distribution)]!;
}

function textOf(example: RuleExample): string {
  return JSON.stringify(example).slice(0, 100);
}

const EXAMPLES = RULES.flatMap((rule) =>
  rule.examples.map((example) => [rule.id, textOf(example), rule, example] as const),
);
const COUNTER_EXAMPLES = RULES.flatMap((rule) =>
  (rule.notOn ?? []).map((example) => [rule.id, textOf(example), example] as const),
);

describe("the rule table", () => {
  it("has ids of its own for every rule, in kebab case", () => {
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length);
    expect(RULES.map((rule) => rule.id).filter((id) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it("has an example for every rule, and a counter-example for every hint", () => {
    const without = (has: (rule: Rule) => boolean): string[] => RULES.filter((rule) => !has(rule)).map(({ id }) => id);
    expect(without((rule) => rule.examples.length > 0)).toEqual([]);
    expect(without((rule) => rule.strength >= HINT || (rule.notOn ?? []).length > 0)).toEqual([]);
  });

  it("asks only for codes of spaces that are read", () => {
    const spaces = RULES.flatMap(({ codes = [] }) => codes).map((code) => code.split(":")[0]!);
    expect([...new Set(spaces)].filter((space) => !CODE_SPACES.includes(space))).toEqual([]);
  });

  it("holds only sound phrases", () => {
    const phrases = RULES.flatMap((rule) => [...(rule.phrases ?? []), ...(rule.with ?? []), ...(rule.without ?? [])]);
    expect(phrases.filter((phrase) => phraseProblem(phrase) !== null)).toEqual([]);
  });

  it("states strengths that leave room for doubt", () => {
    expect(RULES.filter(({ strength }) => strength <= 0.3 || strength >= 0.99).map(({ id }) => id)).toEqual([]);
  });

  it.each(EXAMPLES)("fires %s on %s", (id, _, rule, example) => {
    const { fired } = evaluate(example);
    expect(fired.map((entry) => entry.rule.id)).toContain(id);
    expect(classOf(example)).toBe(rule.class);
  });

  it.each(COUNTER_EXAMPLES)("does not let %s decide on %s", (_id, _text, example) => {
    expect(classOf(example)).toBe(example.is);
  });

  it("lets an operator's judgements outweigh what a rule claims", () => {
    const error = readError(exampleRecord("context deadline exceeded"));
    const before = engine.evaluate(error);
    const judged = new Map(before.fired.map(({ key }) => [key, { agreed: 0, disagreed: 30 }]));
    const after = engine.evaluate(error, judged);
    expect(before.fired[0]!.evidence).toBeGreaterThan(0.8);
    expect(after.fired[0]!.evidence).toBeLessThan(0.25);
  });

  it("listens to the innermost cause before its wrapper", () => {
    const stacktrace = [
      "com.shop.ValidationException: order not valid",
      "\tat com.shop.Orders.place(Orders.java:10)",
      "Caused by: java.net.SocketTimeoutException: Read timed out",
      "\tat java.net.SocketInputStream.read(SocketInputStream.java:1)",
    ].join("\n");
    expect(classOf({ type: "com.shop.ValidationException", message: "order not valid", stacktrace })).toBe("timeout");
  });

  it("does not take a lock wait for a timeout", () => {
    const { fired } = evaluate("Lock wait timeout exceeded; try restarting transaction");
    expect(fired.map((entry) => entry.rule.class)).not.toContain("timeout");
    expect(fired[0]!.rule.class).toBe("conflict");
  });

  it("is silent, with a uniform distribution, when nothing is known", () => {
    const outcome = evaluate("zzz");
    expect(outcome.fired).toEqual([]);
    expect(Math.max(...outcome.distribution)).toBeCloseTo(1 / 14, 12);
  });
});
