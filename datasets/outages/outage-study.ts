/** A public record of outages, cut into windows and scored rows. Loaders make it; evaluation knows no file format. */
import type { FleetObservation } from "../../models/features/feature-spec.ts";
import type { WindowStats } from "../../models/windows/window-stats.ts";

export const UP = 0;
export const DOWN = 1;
export const UNKNOWN = 2;

/** One probed entity on its own grid of windows. */
export interface OutageSeries {
  name: string;
  /** start of window 0 */
  startMs: number;
  /** state at the end of each window: UP, DOWN or UNKNOWN */
  state: Uint8Array;
  /** changes into down within each window */
  falls: Uint16Array;
  /** part of each window spent down, in [0, 1]; NaN where unknown */
  downShare: Float32Array;
  /** what the whole fleet did in a window of this series */
  fleetAt(window: number): FleetObservation;
  /** what it reported in a window beside the probes' outcomes; absent: nothing */
  reportAt?(window: number): Partial<WindowStats>;
  /** kinds of error that it reported for the first time in a window; absent: none */
  newKindsAt?(window: number): number;
}

export const SPLITS = ["train", "validation", "test", "gap"] as const;

/** Rows to train and score on; all arrays have one entry per row. */
export interface OutageRows {
  /** index into the study's series */
  series: Int32Array;
  /** window at whose end the row asks */
  window: Int32Array;
  /** 1: an outage starts within the horizon */
  positive: Uint8Array;
  /** 1 = the very next window; NaN = none before the row's slice of time ends */
  windowsToOnset: Float32Array;
  /** windows until the row's slice of time ends: nothing later may be learned from the row */
  observedWindows: Float32Array;
  /** index into SPLITS */
  split: Uint8Array;
}

export interface OutageStudy {
  format: "websites-avt" | "upptime-csv" | "pdm-csv";
  windowSizeMs: number;
  horizonWindows: number;
  /** how often an entity is looked at in a window; 0: nobody probes, it reports itself */
  probesPerWindow: number;
  series: OutageSeries[];
  rows: OutageRows;
}

export interface RowDraft {
  series: number;
  window: number;
  positive: boolean;
  windowsToOnset: number;
  observedWindows: number;
  split: (typeof SPLITS)[number];
}

export function packRows(drafts: readonly RowDraft[]): OutageRows {
  return {
    series: Int32Array.from(drafts, (row) => row.series),
    window: Int32Array.from(drafts, (row) => row.window),
    positive: Uint8Array.from(drafts, (row) => (row.positive ? 1 : 0)),
    windowsToOnset: Float32Array.from(drafts, (row) => row.windowsToOnset),
    observedWindows: Float32Array.from(drafts, (row) => row.observedWindows),
    split: Uint8Array.from(drafts, (row) => SPLITS.indexOf(row.split)),
  };
}
