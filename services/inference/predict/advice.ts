/** What an operator can do about a predicted failure: about the kinds of errors it is likely to bring, and about what raises the
 *  risk. */
import type { FeatureGroup } from "../../../models/features/feature-spec.ts";
import type { Explanation } from "../../../models/predictor/explain.ts";
import { CLASS_GUIDE } from "../../../models/taxonomy/class-guide.ts";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";

const ABOUT_GROUP: Readonly<Record<FeatureGroup, string>> = {
  error_level: "Look at the errors that this service reports now: its error rate is the strongest sign.",
  error_trend: "Find out what began when the error rate began to rise.",
  new_errors: "Read the kinds of errors that were never seen here before.",
  error_mix: "Compare the kinds of errors with an ordinary day's: their mix has shifted.",
  latency: "Look at the slow requests: latency has left its usual range.",
  traffic: "Check the load: traffic is not what it usually is at this time.",
  dependencies: "Open the services that this one calls: the calls to them fail or slow down.",
  saturation: "Check pools, memory, queues and disks: a resource is filling up.",
  recent_failures: "Look at the recent failures: what caused them may not be cured yet.",
  change: "Consider rolling back: the version or the instances changed a short while ago.",
  fleet: "Look for a common cause: other services are failing too.",
  time_of_day: "Look at what is scheduled around this time.",
};

/** A group that adds less than this to the log-odds is no reason to act. */
const WORTH_ACTING = 0.2;
const MOST_ACTIONS = 5;

/** @param risk probability at the explained horizon; below half of `threshold` there is nothing to do */
export function recommendActions(
  risk: number,
  threshold: number,
  expectedClasses: ReadonlyArray<{ class: ErrorClass; probability: number }>,
  attribution: Explanation | null,
): string[] {
  if (risk < threshold / 2) return [];
  const raised = (attribution?.contributions ?? []).filter(({ logOdds }) => logOdds >= WORTH_ACTING);
  const [likeliest] = expectedClasses;
  const actions = [
    ...raised.slice(0, 3).map(({ group }) => ABOUT_GROUP[group]),
    ...(likeliest === undefined ? [] : CLASS_GUIDE[likeliest.class].recommendedActions),
  ];
  return [...new Set(actions)].slice(0, MOST_ACTIONS);
}
