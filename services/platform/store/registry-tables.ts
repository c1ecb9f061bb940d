/** Tables of the registry family: what was trained, what serves, and who decided so. */
import type { ColumnType, Generated } from "kysely";

/** jsonb: read as a value, written as its JSON text (the driver would turn an array into a Postgres array). */
type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

export type ModelVersionStatus = "candidate" | "passed" | "rejected";

export type TrainingJobState = "queued" | "running" | "promoted" | "passed" | "rejected" | "failed";

/** One immutable version of one model; a database trigger refuses updates. */
interface ModelVersionsTable {
  name: string;
  version: string;
  created_at_ms: number;
  status: ModelVersionStatus;
  manifest: Json<unknown>;
  metrics: Json<Record<string, unknown>>;
  verdict: Json<Record<string, unknown>>;
  /** model card, Markdown */
  card: string;
  dataset_hash: string;
  artifact_sha256: string;
}

/** Content-addressed: the same bytes are stored once. */
interface ModelArtifactsTable {
  sha256: string;
  content: Buffer;
}

interface ModelAliasesTable {
  name: string;
  alias: string;
  version: string;
}

interface ModelAliasAuditTable {
  id: Generated<number>;
  name: string;
  alias: string;
  from_version: string | null;
  to_version: string | null;
  actor: string;
  reason: string;
  at_ms: number;
  /** set when the alias was taken from `from_version` because of what its predictions were worth */
  rollback_evidence: NullableJson<Record<string, unknown>>;
}

interface TrainingJobsTable {
  id: string;
  model: string;
  state: TrainingJobState;
  progress: NullableJson<{ stage: string; percent: number; detail?: string }>;
  requested_by: string;
  reason: string;
  /** what called for a job that nobody asked for */
  because: string | null;
  params: Json<Record<string, unknown>>;
  created_at_ms: number;
  started_at_ms: number | null;
  /** last sign of life of the process that runs it; a running job without one for minutes is dead */
  heartbeat_ms: number | null;
  finished_at_ms: number | null;
  version: string | null;
  metrics: NullableJson<Record<string, unknown>>;
  verdict: NullableJson<Record<string, unknown>>;
  error: string | null;
}

export interface RegistryTables {
  model_versions: ModelVersionsTable;
  model_artifacts: ModelArtifactsTable;
  model_aliases: ModelAliasesTable;
  model_alias_audit: ModelAliasAuditTable;
  training_jobs: TrainingJobsTable;
}
