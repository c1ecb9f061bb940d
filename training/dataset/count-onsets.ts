import type { TrainingRows } from "../fit/training-rows.ts";

/** Separate failures that follow some rows. @param subset row numbers */
export function countOnsets(
  { entity, atMs, windowsToOnset }: Pick<TrainingRows, "entity" | "atMs" | "windowsToOnset">,
  subset: Int32Array,
  windowSizeMs: number,
): number {
  const onsets = new Set<string>();
  for (const row of subset) {
    const window = Math.round(atMs[row]! / windowSizeMs + windowsToOnset[row]!);
    if (!Number.isNaN(window)) onsets.add(`${entity[row]!}/${window}`);
  }
  return onsets.size;
}
