/** Tables of the telemetry family: what services did (windows, errors), what follows from it (features, predictions), and the
 *  bookkeeping that counts everything exactly once. Times are epoch ms; `*_ms` of a window is its start, of a vector its end. */
import type { ColumnType, Generated } from "kysely";
import type { ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord, Signal } from "../../../models/telemetry/records.ts";
import type { WindowStats } from "../../../models/windows/window-stats.ts";

/** jsonb: read as a value, written as its JSON text (the driver would turn an array into a Postgres array). */
type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

/** Facts about the database itself, such as the window size that it was started with. */
interface MetaTable {
  key: string;
  value: Json<unknown>;
}

interface ServicesTable {
  id: Generated<number>;
  namespace: string;
  name: string;
  environment: string;
  /** telemetry.sdk.language; known once an error record told it */
  language: string | null;
  first_event_ms: number;
  last_event_ms: number;
  /** processing time */
  last_merged_ms: number;
  /** silent for so long that it gets no empty windows any more; its next window with records brings it back */
  retired: Generated<boolean>;
  /** state of the newest closed window whose state is known */
  last_failed: Generated<boolean | null>;
  /** end of the newest closed window with records */
  last_active_ms: Generated<number | null>;
}

interface IngestedBatchesTable {
  /** SHA-256 of the request */
  batch_id: Buffer;
  signal: Signal;
  received_at_ms: number;
  record_count: number;
  rejected: Json<Record<string, number>>;
  merged_at_ms: number;
}

/** One row per correlated error that was counted: its second report (span event and log record) counts no more. */
interface ErrorSightingsTable {
  key: Buffer;
  event_ms: number;
}

interface ErrorGroupsTable {
  /** the fingerprint, and the parts by which splits tell its errors apart */
  fingerprint: string;
  /** the group that it is shown in */
  group_key: string;
  exception_type: string | null;
  template: string;
  sample: Json<ErrorRecord>;
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
  first_seen_ms: number;
  last_seen_ms: number;
  error_count: number;
}

interface ErrorGroupServicesTable {
  fingerprint: string;
  service_id: number;
  first_seen_ms: number;
  last_seen_ms: number;
  error_count: number;
}

interface WindowsTable {
  service_id: number;
  start_ms: number;
  /** these four repeat what is in `stats`, for reading without unpacking it */
  request_count: Generated<number>;
  request_error_count: Generated<number>;
  error_count: Generated<number>;
  error_log_count: Generated<number>;
  /** records merged after the window was closed */
  late_count: Generated<number>;
  stats: Json<WindowStats>;
  closed: Generated<boolean>;
  /** as known when the window was closed; null before, and where neither can be said */
  failed: Generated<boolean | null>;
  onset: Generated<boolean>;
}

interface FeatureStatesTable {
  service_id: number;
  /** end of the newest window folded */
  at_ms: number;
  spec_hash: string;
  /** a FeatureState as JSON text; not jsonb, because nobody looks into it */
  state: string;
}

interface FeatureVectorsTable {
  service_id: number;
  at_ms: number;
  spec_hash: string;
  /** float32, little endian, NaN = missing */
  vector: Buffer;
}

export type PredictionSource = "window" | "api";

export interface StoredHorizon {
  horizonMs: number;
  probability: number;
  lower: number;
  upper: number;
}

export interface PredictionsTable {
  id: string;
  service_id: number;
  /** event time that was asked about */
  at_ms: number;
  /** processing time */
  made_at_ms: number;
  source: PredictionSource;
  model_name: string;
  model_version: string | null;
  state: string;
  horizons: Json<StoredHorizon[]>;
  confidence: number | null;
  detail: NullableJson<Record<string, unknown>>;
}

/** One row (id = 1): how far time has come. */
interface StreamClockTable {
  id: number;
  /** latest event time; no batch counts beyond its arrival */
  max_event_ms: Generated<number | null>;
  /** processing time of the newest batch's arrival */
  last_received_ms: Generated<number | null>;
  /** end of the newest window that was closed */
  closed_through_ms: Generated<number | null>;
  /** processing time of the closer's last sign of life */
  last_tick_ms: Generated<number | null>;
  /** span of processing time in which no closer ran; empty windows inside it say nothing about services */
  absent_from_ms: Generated<number | null>;
  absent_until_ms: Generated<number | null>;
}

interface LedgerTable {
  counter: string;
  value: number;
}

export interface TelemetryTables {
  meta: MetaTable;
  services: ServicesTable;
  ingested_batches: IngestedBatchesTable;
  error_sightings: ErrorSightingsTable;
  error_groups: ErrorGroupsTable;
  error_group_services: ErrorGroupServicesTable;
  windows: WindowsTable;
  feature_states: FeatureStatesTable;
  feature_vectors: FeatureVectorsTable;
  predictions: PredictionsTable;
  stream_clock: StreamClockTable;
  ledger: LedgerTable;
}
