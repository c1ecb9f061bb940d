import { describe, expect, it } from "vitest";
import { readError } from "../../../models/classifier/read-error.ts";
import type { RuleExample } from "../../../models/rules/rule.ts";
import { createRuleEngine } from "../../../models/rules/rule-engine.ts";
import { RULES } from "../../../models/rules/rule-table.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

const engine = createRuleEngine(RULES);

function recordOf({ type, message, attributes, language, stacktrace }: RuleExample): ErrorRecord {
  return {
    service: { namespace: "", name: "shop", environment: "" },
    timeMs: 0,
    source: "log",
    ...(type === undefined ? {} : { exceptionType: type }),
    ...(message === undefined ? {} : type === undefined ? { body: message } : { exceptionMessage: message }),
    ...(language === undefined ? {} : { language }),
    ...(stacktrace === undefined ? {} : { stacktrace }),
    attributes: attributes ?? {},
  };
}

describe("the rule table", () => {
  it("has ids of its own for every rule", () => {
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length);
  });

  it.each(RULES.map((rule) => [rule.id, rule] as const))("fires %s on its example", (_, rule) => {
    const { fired } = engine.evaluate(readError(recordOf(rule.example)));
    expect(fired.map((entry) => entry.rule.id)).toContain(rule.id);
  });

  it("lets an operator's judgements outweigh what a rule claims", () => {
    const error = readError(recordOf({ message: "context deadline exceeded" }));
    const before = engine.evaluate(error);
    const key = before.fired[0]!.key;
    const after = engine.evaluate(error, new Map([[key, { agreed: 0, disagreed: 30 }]]));
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
    const { fired } = engine.evaluate(
      readError(recordOf({ type: "com.shop.ValidationException", message: "order not valid", stacktrace })),
    );
    expect(fired[0]!.rule.class).toBe("timeout");
  });

  it("does not take a lock wait for a timeout", () => {
    const { fired } = engine.evaluate(
      readError(recordOf({ message: "Lock wait timeout exceeded; try restarting transaction" })),
    );
    expect(fired.map((entry) => entry.rule.class)).not.toContain("timeout");
    expect(fired[0]!.rule.class).toBe("conflict");
  });

  it("is silent, with a uniform distribution, when nothing is known", () => {
    const outcome = engine.evaluate(readError(recordOf({ message: "zzz" })));
    expect(outcome.fired).toEqual([]);
    expect(Math.max(...outcome.distribution)).toBeCloseTo(1 / 14, 12);
  });
});
