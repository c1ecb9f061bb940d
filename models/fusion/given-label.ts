/** An operator's word on one error, with everything that it needs to count: it teaches memory, rules and pool from this alone. */
import type { ErrorClass } from "../taxonomy/classes.ts";
import type { ErrorSignature } from "./label-memory.ts";

/** What was true of the error when it was labelled. */
export interface LabelEvidence {
  signature: ErrorSignature;
  /** the rules that stood behind a class */
  rules: { key: string; class: ErrorClass }[];
  votes: LabelledVotes;
  /** −log of the probability that the answer gave to the label, without this label; null when not known */
  loss: number | null;
}

/** Distributions over ERROR_CLASSES, shape [C]; null when the voice was silent. */
interface LabelledVotes {
  rules: number[] | null;
  model: number[] | null;
  /** of the model that voted, or `rules_only` */
  modelVersion: string;
}

export interface GivenLabel {
  id: string;
  /** rises in the order in which labels were given */
  seq: number;
  fingerprint: string;
  operator: string;
  class: ErrorClass;
  atMs: number;
  evidence: LabelEvidence;
}

/** Labels without a name count as those of one operator. */
export const UNNAMED_OPERATOR = "(unnamed)";

/** The labels that count: of several by one operator on one group the newest, in the order given. */
export function standingLabels(labels: Iterable<GivenLabel>): GivenLabel[] {
  const newest = new Map<string, GivenLabel>();
  for (const label of [...labels].sort((a, b) => a.seq - b.seq)) {
    const key = `${label.operator}\u0000${label.fingerprint}`;
    // Taken out first, so that the order is that of what stands.
    newest.delete(key);
    newest.set(key, label);
  }
  return [...newest.values()];
}

/** All labels of one operator together weigh at most this many. */
const OPERATOR_LIMIT = 25;

/** @returns per label a weight in (0, 1], so that no operator's labels add up to more than `limit` */
export function boundedInfluence(
  labels: readonly Pick<GivenLabel, "operator">[],
  limit: number = OPERATOR_LIMIT,
): number[] {
  const counts = new Map<string, number>();
  for (const { operator } of labels) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return labels.map(({ operator }) => Math.min(1, limit / counts.get(operator)!));
}
