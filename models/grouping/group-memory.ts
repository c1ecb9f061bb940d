/** A memory of labels that is asked by group: the parts of a group that was split recall the label of the whole until they have their own. */
import type { LabelMemory } from "../fusion/label-memory.ts";
import { lineageOf } from "./regrouping.ts";

/** @param memory whose entries are named by group */
export function createGroupMemory(memory: LabelMemory): LabelMemory {
  return {
    size: memory.size,
    recall(group, signature) {
      const lineage = lineageOf(group);
      for (const name of lineage.length > 1 ? lineage : []) {
        const said = memory.recall(name, signature);
        if (said?.fingerprint === name) return said;
      }
      return memory.recall(group, signature);
    },
  };
}
