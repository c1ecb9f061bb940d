/** What the dataset looks like, as danfojs frames: rows and outcomes per slice and per service, times to onset, features that are
 *  missing. Frames hold the labels and bounded samples; the feature matrix itself stays a typed array, for which frames are too slow. */
import danfo from "danfojs-node";
import type { FeatureSpec } from "../../models/features/feature-spec.ts";
import { outcomeWithin } from "../fit/hazard-targets.ts";
import type { TrainingRows } from "../fit/training-rows.ts";

export interface DatasetSummary {
  horizonMs: number;
  slices: { slice: string; rows: number; onsetsWithinHorizon: number; baseRate: number }[];
  /** busiest first, at most 50 */
  services: { serviceId: number; rows: number; baseRate: number }[];
  /** windows from a row to the onset that followed; null when none did */
  windowsToOnset: { count: number; mean: number; std: number; min: number; median: number; max: number } | null;
  /** features missing in more than half of the sampled rows, with the share */
  mostlyMissing: { feature: string; share: number }[];
}

const SERVICES_SHOWN = 50;
const SAMPLE_ROWS = 2000;

export function summariseDataset(
  rows: TrainingRows,
  spec: FeatureSpec,
  horizonMs: number,
  sizeMs: number,
): DatasetSummary {
  const frame = labelFrame(rows, horizonMs / sizeMs);
  return {
    horizonMs,
    slices: groupRates(frame, "slice").map(({ key, ...rest }) => ({
      slice: key,
      rows: rest.rows,
      onsetsWithinHorizon: Math.round(rest.rows * rest.baseRate),
      baseRate: rest.baseRate,
    })),
    services: groupRates(frame, "service")
      .map(({ key, ...rest }) => ({ serviceId: Number(key), ...rest }))
      .sort((a, b) => b.rows - a.rows || a.serviceId - b.serviceId)
      .slice(0, SERVICES_SHOWN),
    windowsToOnset: describe(rows.windowsToOnset.filter((windows) => !Number.isNaN(windows))),
    mostlyMissing: missingShares(rows, spec),
  };
}

/** One line per row whose outcome at the horizon is known. */
function labelFrame(rows: TrainingRows, horizonWindows: number): InstanceType<typeof danfo.DataFrame> {
  const columns = { slice: [] as string[], service: [] as string[], outcome: [] as number[] };
  for (const [slice, subset] of Object.entries(rows.split)) {
    for (const row of subset) {
      const outcome = outcomeWithin(rows.windowsToOnset[row]!, rows.observedWindows[row]!, horizonWindows);
      if (Number.isNaN(outcome)) continue;
      columns.slice.push(slice);
      columns.service.push(String(rows.entity[row]!));
      columns.outcome.push(outcome);
    }
  }
  return new danfo.DataFrame(columns);
}

function groupRates(
  frame: InstanceType<typeof danfo.DataFrame>,
  by: string,
): { key: string; rows: number; baseRate: number }[] {
  if (frame.shape[0] === 0) return [];
  const grouped = frame.groupby([by]).agg({ outcome: ["count", "mean"] });
  // danfo types the rows of a frame as unknown cells; the columns are the ones asked for.
  const lines = danfo.toJSON(grouped) as Record<string, string | number>[];
  return lines.map((line) => ({
    key: String(line[by]),
    rows: Number(line.outcome_count),
    baseRate: Number(line.outcome_mean),
  }));
}

function describe(values: Float32Array): DatasetSummary["windowsToOnset"] {
  if (values.length === 0) return null;
  const stats = new danfo.Series(Array.from(values)).describe();
  const at = (name: string): number => Number(stats.values[stats.index.indexOf(name)]);
  return { count: at("count"), mean: at("mean"), std: at("std"), min: at("min"), median: at("median"), max: at("max") };
}

function missingShares(rows: TrainingRows, spec: FeatureSpec): DatasetSummary["mostlyMissing"] {
  const n = rows.atMs.length;
  const width = spec.features.length;
  if (n === 0) return [];
  const step = Math.max(1, Math.floor(n / SAMPLE_ROWS));
  const sample: number[][] = [];
  for (let row = 0; row < n; row += step)
    sample.push(Array.from(rows.vectors.subarray(row * width, (row + 1) * width)));
  const frame = new danfo.DataFrame(sample, { columns: spec.features.map((feature) => feature.name) });
  const missing = frame.isNa().sum({ axis: 0 });
  return spec.features
    .map((feature, column) => ({ feature: feature.name, share: Number(missing.values[column]) / sample.length }))
    .filter(({ share }) => share > 0.5);
}
