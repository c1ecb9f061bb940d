/** Features are named, unit-bearing and ordered, and are defined once for training and serving. The spec's hash travels in every
 *  model manifest; a model never meets vectors of another spec. */

import type { EpochMs } from "../telemetry/records.ts";
import type { WindowStats } from "../windows/window-stats.ts";

/** The at most 12 groups that an operator understands; explanations are exact Shapley values over these. */
export const FEATURE_GROUPS = [
  "error_level",
  "error_trend",
  "new_errors",
  "error_mix",
  "latency",
  "traffic",
  "dependencies",
  "saturation",
  "recent_failures",
  "change",
  "fleet",
  "time_of_day",
] as const;

export type FeatureGroup = (typeof FEATURE_GROUPS)[number];

export interface FeatureDefinition {
  /** dotted lower case, e.g. `error.ratio.ew10` */
  name: string;
  /** UCUM unit: `1`, `ms`, `{window}` … */
  unit: string;
  group: FeatureGroup;
  description: string;
}

export interface FeatureSpec {
  hash: string;
  features: readonly FeatureDefinition[];
}

/** What every other service did in the same window; the same for all services closed together. */
export interface FleetObservation {
  /** services with data in the window */
  reportingCount: number;
  failedCount: number;
  onsetCount: number;
  requestCount: number;
  requestErrorCount: number;
}

/** Everything that is known about one service when one window closes. Input of the feature fold. */
export interface WindowObservation {
  startMs: EpochMs;
  windowSizeMs: number;
  /** null: nothing arrived in this window (silence is information) */
  stats: WindowStats | null;
  /** null: neither healthy nor failed can be said (no requests and no error logs) */
  failed: boolean | null;
  /** fingerprints of this window never seen before in this service */
  newFingerprintCount: number;
  /** calls that other services report towards this one; null when none names it */
  callers: { callCount: number; errorCount: number } | null;
  fleet: FleetObservation;
}
