/** Cuts a part out of an availability trace, as a smaller file of the same format. */
import { loadWebsites, STEP_MS } from "../../datasets/outages/websites-avt.ts";

const DAY_SECONDS = 86_400;

export interface SliceLimits {
  /** the first of those that the study of the shortened record keeps; absent: all */
  sites?: number;
  /** from the start of the measurement; absent: to its end */
  days?: number;
}

/** @param text an AVT file   @throws RangeError when it is none, or when nothing is left of it */
export function takeSlice(text: string, { sites, days }: SliceLimits): string {
  const shortened =
    days === undefined
      ? text
      : text
          .split("\n")
          .map((line) => endAfter(line, days * DAY_SECONDS))
          .join("\n");
  const kept = new Set(
    loadWebsites(shortened, STEP_MS)
      .series.map(({ name }) => name)
      .slice(0, sites),
  );
  if (kept.size === 0) throw new RangeError("no site of this slice is worth studying");
  return shortened
    .split("\n")
    .filter((line) => kept.has(line.trim().split(/\s+/)[0] ?? ""))
    .join("\n");
}

function endAfter(line: string, seconds: number): string {
  const [name, , ...bounds] = line.trim().split(/\s+/);
  const kept: string[] = [];
  for (let index = 0; index + 1 < bounds.length; index += 2) {
    const [start, end] = [Number(bounds[index]), Number(bounds[index + 1])];
    if (start < seconds) kept.push(String(start), String(Math.min(end, seconds)));
  }
  return kept.length === 0 ? "" : `${name} ${kept.length / 2} ${kept.join(" ")}`;
}
