/** Tables of what becomes of models while they serve. Times are epoch ms of event time unless said otherwise. */
import type { ColumnType } from "kysely";

type Json<T> = ColumnType<T, string, string>;

/** What a version that nobody is shown said at the end of a window. */
interface ShadowScoresTable {
  version: string;
  service_id: number;
  at_ms: number;
  horizon_ms: number;
  probability: number;
}

/** Sums over the rows of one service within one horizon whose outcome is known: losses of a version, and of what it is compared with. */
interface ModelOutcomesTable {
  version: string;
  /** another version, or `base-rate` */
  against: string;
  service_id: number;
  /** start of the horizon-long block that the predictions were made in */
  block_ms: number;
  rows: number;
  positives: number;
  probability: number;
  brier: number;
  against_brier: number;
  log_loss: number;
  against_log_loss: number;
}

/** How far the watch over a model has come. */
interface ModelWatchTable {
  name: string;
  state: Json<unknown>;
  /** processing time */
  updated_at_ms: number;
}

/** The newest verdict of each signal that a model's world has changed. */
interface ModelDriftTable {
  name: string;
  signal: string;
  version: string | null;
  drifting: boolean;
  value: number | null;
  threshold: number | null;
  detail: Json<Record<string, unknown>>;
  /** processing time of the verdict */
  at_ms: number;
  /** processing time since when it says so without a break; null: it does not */
  drifting_since_ms: number | null;
}

export interface LifecycleTables {
  shadow_scores: ShadowScoresTable;
  model_outcomes: ModelOutcomesTable;
  model_watch: ModelWatchTable;
  model_drift: ModelDriftTable;
}
