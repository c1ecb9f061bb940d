/** What an operator can do about a predicted failure: what helped before, what to look at in that which raises the risk, and what the
 *  kinds of errors that it is likely to bring ask for. */
import type { FeatureGroup } from "../../../models/features/feature-spec.ts";
import type { Explanation } from "../../../models/predictor/explain.ts";
import { CLASS_GUIDE } from "../../../models/taxonomy/class-guide.ts";
import type { ErrorClass } from "../../../models/taxonomy/classes.ts";
import type { PastFailure } from "./prediction.ts";

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
const MOST_ACTIONS = 6;
const LONGEST_COMMENT = 200;

export interface AdviceInput {
  /** probability at the explained horizon; below half of `threshold` there is nothing to do */
  risk: number;
  threshold: number;
  expectedClasses: ReadonlyArray<{ class: ErrorClass; probability: number }>;
  attribution: Explanation | null;
  /** nearest first; empty when no explanation was asked for */
  past: readonly PastFailure[];
}

export function recommendActions({ risk, threshold, expectedClasses, attribution, past }: AdviceInput): string[] {
  if (risk < threshold / 2) return [];
  const raised = (attribution?.contributions ?? []).filter(({ logOdds }) => logOdds >= WORTH_ACTING);
  // Without a class head, or before it learned anything: what the nearest failure brought.
  const likeliest = expectedClasses[0]?.class ?? past.find(({ classes }) => classes.length > 0)?.classes[0]?.class;
  const actions = [
    ...whatHelped(past),
    ...raised.slice(0, 3).map(({ group }) => ABOUT_GROUP[group]),
    ...(likeliest === undefined ? [] : CLASS_GUIDE[likeliest].recommendedActions),
  ];
  return [...new Set(actions)].slice(0, MOST_ACTIONS);
}

/** The newest note of somebody who acted on a warning before it came to a failure. */
function whatHelped(past: readonly PastFailure[]): string[] {
  const averted = past
    .filter(({ kind, comments }) => kind === "mitigated" && comments.length > 0)
    .sort((a, b) => b.startMs - a.startMs);
  return averted.slice(0, 1).map(({ startMs, comments }) => {
    const day = new Date(startMs).toISOString().slice(0, 10);
    return `Consider what averted a failure on ${day}: ${shortened(comments[0] ?? "")}`;
  });
}

function shortened(comment: string): string {
  const line = comment.replaceAll(/\s+/g, " ").trim();
  return line.length <= LONGEST_COMMENT ? line : `${line.slice(0, LONGEST_COMMENT - 1)}…`;
}
