/** Labelled errors as an operator's labels of them would be remembered. */
import { identifyError } from "../../models/classifier/fingerprint.ts";
import type { ReadError } from "../../models/classifier/read-error.ts";
import {
  createLabelMemory,
  type LabelMemory,
  type MemoryEntry,
  signatureOf,
} from "../../models/fusion/label-memory.ts";
import type { ErrorClass } from "../../models/taxonomy/classes.ts";

const OPERATOR = "labelled errors";

/** Of several errors of one group with different classes, the class of the most stands. */
export function memoryOfErrors(errors: readonly { error: ReadError; class: ErrorClass }[]): LabelMemory {
  const entries = new Map<string, MemoryEntry>();
  for (const { error, class: said } of errors) {
    const { fingerprint } = identifyError(error);
    const entry = entries.get(fingerprint) ?? { fingerprint, signature: signatureOf(error), labels: [] };
    entry.labels.push({ operator: OPERATOR, class: said, weight: 1, atMs: 0 });
    entries.set(fingerprint, entry);
  }
  return createLabelMemory([...entries.values()]);
}
