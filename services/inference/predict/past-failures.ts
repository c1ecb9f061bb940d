/** What a service went through before: the failures nearest to what is seen now, the incidents filed, and what operators noted. Pure. */
import { likeness } from "../../../models/predictor/likeness.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";
import type { OutcomeNote, StoredFailure } from "../../platform/store/past-failures.ts";
import type { KnownThen } from "./known-then.ts";
import type { PastFailure } from "./prediction.ts";

const CLASSES_NAMED = 3;

/** Nearest first: those most alike to the moment in what is out of the ordinary; those of which that cannot be said after them, newest
 *  first.
 *  @param model null: base rates answer, so all are in the order of time */
export function pastFailures(serviceId: number, known: KnownThen, model: PredictorManifest | null): PastFailure[] {
  const now = known.vectors.get(serviceId)?.vector;
  const notes = known.notes.get(serviceId) ?? [];
  const onsets = (known.failures.get(serviceId) ?? []).map((failure): PastFailure => {
    const { startMs, endMs, vector } = failure;
    const alike = model === null || now === undefined || vector === null ? null : likeness(model, now, vector);
    return {
      ...{ kind: "onset", startMs, endMs, title: null, class: null },
      classes: namedClasses(failure),
      comments: commentsAbout(failure, notes),
      likeness: alike,
    };
  });
  const incidents = (known.incidents.get(serviceId) ?? []).map(
    ({ startMs, endMs, title, class: errorClass }): PastFailure => ({
      ...{ kind: "incident", startMs, endMs, title, class: errorClass },
      ...{ classes: [], comments: [], likeness: null },
    }),
  );
  const averted = notes
    .filter(({ outcome }) => outcome === "mitigated")
    .map(
      ({ atMs, comment }): PastFailure => ({
        ...{ kind: "mitigated", startMs: atMs, endMs: null, title: null, class: null },
        ...{ classes: [], comments: comment === null ? [] : [comment], likeness: null },
      }),
    );
  return [...onsets, ...incidents, ...averted].sort(
    (a, b) =>
      (b.likeness ?? Number.NEGATIVE_INFINITY) - (a.likeness ?? Number.NEGATIVE_INFINITY) || b.startMs - a.startMs,
  );
}

function namedClasses({ classes }: StoredFailure): PastFailure["classes"] {
  const total = Object.values(classes).reduce((sum, count) => sum + count, 0);
  return ERROR_CLASSES.flatMap((name) => {
    const count = classes[name] ?? 0;
    return count === 0 ? [] : [{ class: name, share: count / total }];
  })
    .sort((a, b) => b.share - a.share)
    .slice(0, CLASSES_NAMED);
}

/** Comments on predictions that were about this failure: made before it began for a horizon that reaches it, or while it lasted. */
function commentsAbout({ startMs, endMs }: StoredFailure, notes: readonly OutcomeNote[]): string[] {
  return notes.flatMap(({ atMs, horizonMs, comment }) => {
    const isAbout = atMs + horizonMs >= startMs && atMs < (endMs ?? Number.POSITIVE_INFINITY);
    return isAbout && comment !== null ? [comment] : [];
  });
}
