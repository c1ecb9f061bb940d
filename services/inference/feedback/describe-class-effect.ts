import { describeProbability } from "../../../models/describe-probability.ts";
import type { ClassEffect } from "./feedback.ts";

/** What a label changed, in one sentence. */
export function describeClassEffect({ before, after, labelProbability, near, rules }: ClassEffect): string {
  const answer =
    before.class === after.class
      ? `Such an error is still answered ${after.class}`
      : `Such an error was answered ${before.class} and is answered ${after.class} now`;
  const moved = `${describeProbability(labelProbability.before)} → ${describeProbability(labelProbability.after)} for the label`;
  const others =
    near.groups === 0
      ? "no other stored group is near"
      : `${near.reclassified} of ${near.groups} near groups are answered otherwise now`;
  const judged = rules.length === 0 ? "no rule's record moved" : `the record of ${rules.length} rules moved`;
  return `${answer} (${moved}); ${others}; ${judged}.`;
}
