/** From history to labelled examples. A row is one service at the end of one closed window: the vector that was stored then, and what
 *  came after. Rows on which nothing can be learned (already failing, state unknown, acted upon, nothing watched afterwards) are left
 *  out and counted. */
import { labelExamples } from "../../models/features/labels.ts";
import { ERROR_CLASSES } from "../../models/taxonomy/classes.ts";
import type { TrainingRows } from "../fit/training-rows.ts";
import type { ServiceHistory, StoreHistory } from "./history.ts";

export type Examples = Omit<TrainingRows, "split" | "classes"> & {
  classes: Float32Array;
  /** shape [n]: start of the failure that follows, NaN when none was seen */
  onsetMs: Float64Array;
};

export interface ExampleCounts {
  /** stored vectors that were looked at */
  vectors: number;
  examples: number;
  /** left out, by reason */
  excluded: Record<"mitigated" | "failing" | "unknown" | "not_watched" | "no_window", number>;
}

/** @returns rows ascending by time, then by service */
export function buildExamples(
  history: StoreHistory,
  featureCount: number,
): { examples: Examples; counts: ExampleCounts } {
  const counts: ExampleCounts = {
    vectors: 0,
    examples: 0,
    excluded: { mitigated: 0, failing: 0, unknown: 0, not_watched: 0, no_window: 0 },
  };
  const rows = history.services.flatMap((service) => rowsOf(service, history.windowSizeMs, counts));
  rows.sort((a, b) => a.atMs - b.atMs || a.entity - b.entity);
  counts.examples = rows.length;
  const examples: Examples = {
    vectors: new Float32Array(rows.length * featureCount),
    atMs: Float64Array.from(rows, (row) => row.atMs),
    entity: Int32Array.from(rows, (row) => row.entity),
    windowsToOnset: Float32Array.from(rows, (row) => row.windowsToOnset),
    observedWindows: Float32Array.from(rows, (row) => row.observedWindows),
    onsetMs: Float64Array.from(rows, (row) => row.atMs + (row.windowsToOnset - 1) * history.windowSizeMs),
    classes: new Float32Array(rows.length * ERROR_CLASSES.length),
  };
  rows.forEach((row, index) => {
    examples.vectors.set(row.vector, index * featureCount);
    if (row.classes !== null) examples.classes.set(row.classes, index * ERROR_CLASSES.length);
  });
  return { examples, counts };
}

interface ExampleRow {
  atMs: number;
  entity: number;
  vector: Float32Array;
  windowsToOnset: number;
  observedWindows: number;
  classes: Float32Array | null;
}

function rowsOf(service: ServiceHistory, sizeMs: number, counts: ExampleCounts): ExampleRow[] {
  const labels = labelExamples(service.windows, { sizeMs, incidents: service.incidents, verdicts: service.verdicts });
  const labelAt = new Map(labels.map((label) => [label.atMs, label]));
  const rows: ExampleRow[] = [];
  for (const { atMs, vector } of service.vectors) {
    counts.vectors += 1;
    const label = labelAt.get(atMs);
    const reason =
      label === undefined ? "no_window" : (label.excluded ?? (label.observedWindows < 1 ? "not_watched" : null));
    if (label === undefined || reason !== null) {
      counts.excluded[reason ?? "no_window"] += 1;
      continue;
    }
    const windowsToOnset = label.windowsToOnset ?? Number.NaN;
    const onsetMs = atMs + (windowsToOnset - 1) * sizeMs;
    rows.push({
      atMs,
      entity: service.serviceId,
      vector,
      windowsToOnset,
      observedWindows: label.observedWindows,
      classes: Number.isNaN(windowsToOnset) ? null : classesOf(service, onsetMs, sizeMs),
    });
  }
  return rows;
}

/** An incident's class, where someone gave one, stands above what was counted. */
function classesOf(service: ServiceHistory, onsetMs: number, sizeMs: number): Float32Array | null {
  const named = service.incidents.find(
    ({ startMs, endMs, class: given }) => given !== null && startMs < onsetMs + sizeMs && (endMs ?? Infinity) > onsetMs,
  );
  const counted = service.onsetClasses.get(onsetMs);
  if (named?.class) return Float32Array.from(ERROR_CLASSES, (name) => (name === named.class ? 1 : 0));
  return counted === undefined ? null : Float32Array.from(ERROR_CLASSES, (name) => counted[name] ?? 0);
}
