/** Operators' own rules, from one YAML or JSON file. Everything that is wrong with it is said at once, each with its line and column, and
 *  every rule must prove itself on its example: among all rules, it must make that example its class. */
import { readFileSync, statSync } from "node:fs";
import { isMap, isNode, LineCounter, type Node, parseDocument } from "yaml";
import { readError } from "../../../models/classifier/read-error.ts";
import { argmax } from "../../../models/fusion/pool.ts";
import { exampleRecord } from "../../../models/rules/example-record.ts";
import type { CounterExample, Rule, RuleExample } from "../../../models/rules/rule.ts";
import { createRuleEngine, type RuleEngine } from "../../../models/rules/rule-engine.ts";
import { RULES } from "../../../models/rules/rule-table.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import { HarbingerError } from "../errors.ts";
import { OPERATOR_RULES_SCHEMA, type WrittenRule } from "./operator-rule-schema.ts";

const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Above every rule that ships, so that together they do not outvote it. */
const OPERATOR_STRENGTH = 0.999;

type Path = readonly PropertyKey[];
type Report = (path: Path, sentence: string) => void;

/** @throws INVALID_CONFIG with one line `path:line:column: sentence` per problem */
export function loadOperatorRules(path: string): Rule[] {
  return parseOperatorRules(readRulesFile(path), path);
}

function readRulesFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes, more than the ${MAX_FILE_BYTES} allowed`);
    return readFileSync(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HarbingerError("INVALID_CONFIG", `HARBINGER_RULES_FILE ${path} cannot be read: ${why}`, { cause });
  }
}

/** @param text YAML or JSON   @param path for messages
 *  @throws INVALID_CONFIG as `loadOperatorRules` */
export function parseOperatorRules(text: string, path: string): Rule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems: { offset: number; sentence: string }[] = [];
  for (const { pos, message } of document.errors) problems.push({ offset: pos[0], sentence: message });
  const report: Report = (at, sentence) => problems.push({ offset: offsetOf(document.contents, at), sentence });

  const rules = problems.length > 0 ? [] : readRules(document.toJS(), report);
  if (problems.length === 0) proveExamples(rules, report);
  if (problems.length > 0) throw rulesAreWrong(path, problems, lines);
  return rules;
}

function readRules(value: unknown, report: Report): Rule[] {
  const result = OPERATOR_RULES_SCHEMA.safeParse(value);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const keys = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
      report([...issue.path, ...keys], `${nameOf(issue.path)} ${issue.message}`);
    }
    return [];
  }
  const { rules } = result.data;
  const taken = new Map(RULES.map(({ id }) => [id, "a rule that ships"]));
  for (const [index, { id }] of rules.entries()) {
    const owner = taken.get(id);
    if (owner !== undefined)
      report(["rules", index, "id"], `rules[${index}].id "${id}" is that of ${owner}; ids are unique`);
    taken.set(id, `rules[${index}]`);
  }
  return rules.map(toRule);
}

function toRule({ example, notOn, ...rule }: WrittenRule): Rule {
  return {
    ...withoutUndefined(rule),
    origin: "operator",
    strength: OPERATOR_STRENGTH,
    examples: [withoutUndefined(example)],
    ...(notOn !== undefined && { notOn: notOn.map(withoutUndefined) }),
  };
}

function proveExamples(rules: readonly Rule[], report: Report): void {
  const engine = createRuleEngine([...RULES, ...rules]);
  for (const [index, rule] of rules.entries()) {
    const { fires, answer } = ask(engine, rule, rule.examples[0]);
    const at = ["rules", index, "example"];
    if (!fires) report(at, `rules[${index}].example is not matched by rule "${rule.id}"`);
    else if (answer !== rule.class)
      report(at, `rules[${index}].example is made ${answer} by all rules together, not ${rule.class}`);
    for (const [number, example] of (rule.notOn ?? []).entries()) {
      const { answer: other } = ask(engine, rule, example);
      if (other === example.is) continue;
      report(
        ["rules", index, "notOn", number],
        `rules[${index}].notOn[${number}] is made ${other} by all rules together, not ${example.is}`,
      );
    }
  }
}

function ask(
  engine: RuleEngine,
  rule: Rule,
  example: RuleExample | CounterExample,
): { fires: boolean; answer: string } {
  const { fired, distribution } = engine.evaluate(readError(exampleRecord(example)));
  return {
    fires: fired.some((own) => own.rule.id === rule.id),
    answer: fired.length === 0 ? "nothing" : ERROR_CLASSES[argmax(distribution)]!,
  };
}

function rulesAreWrong(
  path: string,
  problems: readonly { offset: number; sentence: string }[],
  lines: LineCounter,
): HarbingerError {
  const sorted = [...problems].sort((a, b) => a.offset - b.offset);
  const sentences = sorted.map(({ offset, sentence }) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}: ${sentence}`;
  });
  const count = sentences.length === 1 ? "1 problem" : `${sentences.length} problems`;
  return new HarbingerError(
    "INVALID_CONFIG",
    `${count} in the rules file:\n${sentences.map((own) => `  ${own}`).join("\n")}`,
    {
      details: { problems: sentences },
    },
  );
}

/** Where the value of a path stands in the file; of what is missing, where its parent begins. */
function offsetOf(contents: Node | null, path: Path): number {
  let node: Node | null = contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isNode(key) && String(key) === String(step));
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else {
      const items: unknown = node !== null && "items" in node ? node.items : [];
      const item: unknown = Array.isArray(items) ? items[Number(step)] : undefined;
      node = isNode(item) ? item : null;
    }
    offset = node?.range?.[0] ?? offset;
  }
  return offset;
}

/** `rules[3].phrases[0]` */
function nameOf(path: Path): string {
  return (
    path.reduce<string>(
      (name, step) =>
        typeof step === "number" ? `${name}[${step}]` : name === "" ? String(step) : `${name}.${String(step)}`,
      "",
    ) || "the file"
  );
}

/** zod writes optional fields as `undefined`, which exact optional types do not take. */
function withoutUndefined<Value>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  if (typeof value !== "object" || value === null) return value as never;
  return Object.fromEntries(Object.entries(value).filter(([, own]) => own !== undefined)) as never;
}
