/** What operators' labels teach. It is worked out from the labels that stand and from nothing else, whatever their order: a label that
 *  is withdrawn is as if it had never been given, and every process that knows the same labels answers alike. */
import { createGroupMemory } from "../grouping/group-memory.ts";
import { PLAIN_GROUPING, type Regrouping } from "../grouping/regrouping.ts";
import type { RulePosteriors } from "../rules/rule-engine.ts";
import type { FusionWeights } from "./fusion-weights.ts";
import { type GivenLabel, standingLabels } from "./given-label.ts";
import { createLabelMemory, type LabelMemory, type MemoryEntry } from "./label-memory.ts";
import { learnWeights } from "./learn-weights.ts";
import { agreementWithRules } from "./rule-agreement.ts";

export interface Learned {
  /** what operators merged and split */
  regrouping: Regrouping;
  /** the labels that count, oldest first; each names the group that its fingerprint is in now */
  labels: readonly GivenLabel[];
  /** asked by group */
  memory: LabelMemory;
  posteriors: RulePosteriors;
  /** @param modelVersion of the model that votes now: only labels of errors that it voted on move its weight
   *  @param fitted the weights that came with it */
  weightsFor(modelVersion: string, fitted: FusionWeights): FusionWeights;
}

/** Labels follow the grouping; those given stay as they were, so a change of the grouping that is undone takes them back. */
export function learnFrom(given: Iterable<GivenLabel>, regrouping: Regrouping = PLAIN_GROUPING): Learned {
  const labels = standingLabels(
    [...given].map((label) => ({ ...label, fingerprint: regrouping.groupOf(label.fingerprint) })),
  );
  let weighed: { modelVersion: string; fitted: FusionWeights; weights: FusionWeights } | null = null;
  return {
    regrouping,
    labels,
    memory: createGroupMemory(createLabelMemory(entriesOf(labels))),
    posteriors: agreementWithRules(labels),
    weightsFor(modelVersion, fitted) {
      if (weighed === null || weighed.modelVersion !== modelVersion || weighed.fitted !== fitted) {
        weighed = { modelVersion, fitted, weights: learnWeights(labels, modelVersion, fitted) };
      }
      return weighed.weights;
    },
  };
}

export const NOTHING_LEARNED: Learned = learnFrom([]);

function entriesOf(labels: readonly GivenLabel[]): MemoryEntry[] {
  const entries = new Map<string, MemoryEntry>();
  for (const { fingerprint, operator, class: said, atMs, evidence } of labels) {
    const entry = entries.get(fingerprint) ?? { fingerprint, signature: evidence.signature, labels: [] };
    entry.labels.push({ operator, class: said, weight: 1, atMs });
    entries.set(fingerprint, entry);
  }
  return [...entries.values()];
}
