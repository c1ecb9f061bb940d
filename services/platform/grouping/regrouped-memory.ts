/** Labels follow the grouping: what was said about a fingerprint counts for the group that it is in now, and for the parts of a group that
 *  was split until these have labels of their own. The labels themselves stay where they were given, so a change that is undone
 *  takes them back. */
import {
  createLabelMemory,
  type LabelMemory,
  type MemoryEntry,
  withLabel,
} from "../../../models/fusion/label-memory.ts";
import { lineageOf, type Regrouping } from "../../../models/grouping/regrouping.ts";

export function createRegroupedMemory(entries: readonly MemoryEntry[], regrouping: Regrouping): LabelMemory {
  const memory = createLabelMemory(uniteEntries(entries, regrouping));
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

/** Each entry under its group's name and with the labels of all entries of the group; of one operator the newest label stands. */
function uniteEntries(entries: readonly MemoryEntry[], regrouping: Regrouping): MemoryEntry[] {
  const byGroup = new Map<string, MemoryEntry[]>();
  for (const entry of entries) {
    const group = regrouping.groupOf(entry.fingerprint);
    byGroup.set(group, [...(byGroup.get(group) ?? []), entry]);
  }
  return [...byGroup].flatMap(([fingerprint, own]) => {
    const labels = own
      .flatMap((entry) => entry.labels)
      .sort((a, b) => a.atMs - b.atMs)
      .reduce(withLabel, [] as MemoryEntry["labels"]);
    return own.map(({ signature }) => ({ fingerprint, signature, labels }));
  });
}
