import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readError } from "../../../models/classifier/read-error.ts";
import { argmax } from "../../../models/fusion/pool.ts";
import { exampleRecord } from "../../../models/rules/example-record.ts";
import { createRuleEngine } from "../../../models/rules/rule-engine.ts";
import { RULES } from "../../../models/rules/rule-table.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import { loadOperatorRules, parseOperatorRules } from "../../../services/platform/classification/operator-rules.ts";
import { HarbingerError } from "../../../services/platform/errors.ts";

const EXAMPLE = fileURLToPath(new URL("../../../docs/guides/examples/harbinger-rules.yaml", import.meta.url));

function problemsOf(text: string): unknown {
  try {
    parseOperatorRules(text, "rules.yaml");
  } catch (error) {
    if (error instanceof HarbingerError && error.code === "INVALID_CONFIG") return error.details.problems;
    throw error;
  }
  return [];
}

describe("the operators' rule file", () => {
  it("is read from the guide's example, and each of its rules decides over those that ship", () => {
    const rules = loadOperatorRules(EXAMPLE);
    expect(rules.map(({ id }) => id)).toEqual(["settlement-window-shut", "own-quota", "ledger-replica-lag"]);
    const engine = createRuleEngine([...RULES, ...rules]);
    for (const rule of rules) {
      const { fired, distribution } = engine.evaluate(readError(exampleRecord(rule.examples[0])));
      expect(fired[0]!.rule.id).toBe(rule.id);
      expect(ERROR_CLASSES[argmax(distribution)]).toBe(rule.class);
    }
  });

  it("may be JSON", () => {
    const text = JSON.stringify({
      rules: [{ id: "own", class: "crash", phrases: ["gone fishing"], example: "worker 4 has gone fishing" }],
    });
    expect(parseOperatorRules(text, "rules.json")).toMatchObject([{ id: "own", class: "crash", origin: "operator" }]);
  });

  it("outranks built-in rules that agree with each other, and a cause that lies deeper", () => {
    const [own] = parseOperatorRules(
      "rules: [{id: own, class: conflict, types: [CartRaceError], example: {type: CartRaceError, message: x}}]",
      "rules.yaml",
    );
    const engine = createRuleEngine([...RULES, own!]);
    const stacktrace = [
      "com.shop.CartRaceError: cart is busy",
      "\tat com.shop.Cart.lock(Cart.java:10)",
      "Caused by: java.net.SocketTimeoutException: Read timed out",
      "\tat java.net.SocketInputStream.read(SocketInputStream.java:1)",
    ].join("\n");
    const record = exampleRecord({ type: "com.shop.CartRaceError", message: "cart is busy", stacktrace });
    expect(ERROR_CLASSES[argmax(engine.evaluate(readError(record)).distribution)]).toBe("conflict");
  });

  it("says every mistake at once, each with its line and column", () => {
    const text = [
      "rules:",
      "  - id: Bad Id",
      "    class: timout",
      "    phrases: [ok words, '{a,b', '']",
      "    serverity: high",
      "    example: ok words",
      "  - id: nothing-to-match",
      "    class: crash",
      "    severity: huge",
      "    retryable: maybe",
      "    example: {message: 5, text: x}",
      "  - id: own-code",
      "    class: crash",
      "    codes: ['errorno:7']",
      "    types: ['a*b']",
    ].join("\n");
    const problems = problemsOf(text);
    expect(problems).toEqual([
      expect.stringMatching(/^rules\.yaml:2:9: rules\[0\]\.id is "Bad Id"; it must be lower-case words/),
      expect.stringMatching(/^rules\.yaml:3:12: rules\[0\]\.class is "timout"; allowed are timeout, connectivity/),
      expect.stringMatching(/^rules\.yaml:4:25: rules\[0\]\.phrases\[1\] is "\{a,b": braces must come in pairs/),
      expect.stringMatching(/^rules\.yaml:4:33: rules\[0\]\.phrases\[2\] is empty/),
      expect.stringMatching(
        /^rules\.yaml:5:16: rules\[0\] has the unknown key serverity; allowed are id, class, types/,
      ),
      expect.stringMatching(
        /^rules\.yaml:9:15: rules\[1\]\.severity is "huge"; allowed are low, medium, high, critical/,
      ),
      expect.stringMatching(/^rules\.yaml:10:16: rules\[1\]\.retryable is "maybe"; allowed are true and false/),
      expect.stringMatching(
        /^rules\.yaml:11:14: rules\[1\]\.example is \{"message":5,"text":"x"\}; it must be a text, or/,
      ),
      expect.stringMatching(/^rules\.yaml:12:5: rules\[2\]\.example is missing/),
      expect.stringMatching(/^rules\.yaml:14:13: rules\[2\]\.codes\[0\] is "errorno:7"; it must be space:value/),
      expect.stringMatching(/^rules\.yaml:15:13: rules\[2\]\.types\[0\] is "a\*b"; it must be the name of a type/),
    ]);
  });

  it.each([
    ["a rule without anything to match", "{id: own, class: crash, example: x}", /1:9: rules\[0\] matches nothing/],
    [
      "an example that its rule does not match",
      "{id: own, class: crash, phrases: [gone fishing], example: still here}",
      /1:\d+: rules\[0\]\.example is not matched by rule "own"/,
    ],
    [
      "the id of a rule that ships",
      "{id: sql-deadlock, class: crash, phrases: [gone fishing], example: gone fishing}",
      /1:14: rules\[0\]\.id "sql-deadlock" is that of a rule that ships/,
    ],
    [
      "a counter-example that gets another class",
      "{id: own, class: crash, phrases: [gone fishing], example: gone fishing, notOn: [{message: gone fishing, is: timeout}]}",
      /rules\[0\]\.notOn\[0\] is made crash by all rules together, not timeout/,
    ],
    [
      "a phrase that matches everything",
      "{id: own, class: crash, phrases: ['*'], example: x}",
      /every part needs a letter/,
    ],
  ])("refuses %s", (_, rule, expected) => {
    expect(problemsOf(`rules: [${rule}]`)).toEqual([expect.stringMatching(expected)]);
  });

  it("refuses two rules of one id, and points at the second", () => {
    const rule = "{id: own, class: crash, phrases: [gone fishing], example: gone fishing}";
    expect(problemsOf(`rules:\n  - ${rule}\n  - ${rule}`)).toEqual([
      'rules.yaml:3:10: rules[1].id "own" is that of rules[0]; ids are unique',
    ]);
  });

  it.each([
    ["broken YAML", "rules:\n  - {id: own,\n", /^rules\.yaml:\d+:\d+: /],
    ["an empty file", "", /^rules\.yaml:1:1: the file is null; it must be a map of rules/],
    ["a list", "- a", /^rules\.yaml:1:1: the file is \["a"\]; it must be a map of rules/],
  ])("says where %s is wrong", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it("names a file that cannot be read", () => {
    expect(() => loadOperatorRules("/nowhere/rules.yaml")).toThrow(
      /HARBINGER_RULES_FILE \/nowhere\/rules\.yaml cannot be read/,
    );
  });

  it("is shown in the guide as it stands in the example file", () => {
    const guide = readFileSync(new URL("../../../docs/guides/rules.md", import.meta.url), "utf8");
    expect(guide).toContain(loadOperatorRules(EXAMPLE)[0]!.id);
  });
});
