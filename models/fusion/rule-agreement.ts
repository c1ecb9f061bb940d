/** How often operators agreed with each rule, from the labels that stand. One operator counts at most `OPERATOR_LIMIT` times per rule,
 *  which is less than the rule's own prior (models/rules/rule-engine.ts): a flood bends a rule and does not turn it. */
import type { RulePosteriors } from "../rules/rule-engine.ts";
import { boundedInfluence, type GivenLabel } from "./given-label.ts";

const OPERATOR_LIMIT = 4;

export function agreementWithRules(labels: readonly GivenLabel[]): RulePosteriors {
  const judgements = new Map<string, { operator: string; agrees: boolean }[]>();
  for (const { operator, class: said, evidence } of labels) {
    for (const rule of evidence.rules) {
      const list = judgements.get(rule.key) ?? [];
      list.push({ operator, agrees: rule.class === said });
      judgements.set(rule.key, list);
    }
  }
  return new Map(
    [...judgements].map(([key, list]) => {
      const weights = boundedInfluence(list, OPERATOR_LIMIT);
      const sumOf = (agrees: boolean): number =>
        list.reduce((sum, judgement, index) => sum + (judgement.agrees === agrees ? weights[index]! : 0), 0);
      return [key, { agreed: sumOf(true), disagreed: sumOf(false) }];
    }),
  );
}
