/** Tables of what people (and other systems) judged: feedback, incidents, the answers they judge, and the memory that feedback
 *  feeds. Times are epoch ms; ids are UUIDs as text; JSON columns are written as text and read as values. */
import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { ErrorClass, ErrorVerdict } from "../../../models/taxonomy/classes.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";

type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

export const OUTCOMES = ["failed", "did_not_fail", "mitigated"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type FeedbackTargetKind = "classification" | "prediction" | "fingerprint";

/** What the operator said: a class for an error, or what became of a prediction. */
export type FeedbackLabel = { class: ErrorClass } | { outcome: Outcome; horizonMs: number };

/** Append-only: a judgement is withdrawn by `withdrawn_at_ms`, never deleted. What a label needs for training (the error as it
 *  was, the moment and horizon judged) is copied in, so that retention of answers does not lose labels. */
export interface FeedbackTable {
  id: string;
  seq: Generated<number>;
  idempotency_key: string | null;
  /** hex SHA-256 of the canonical request; tells a repeat from another request under the same key */
  request_hash: string | null;
  target_kind: FeedbackTargetKind;
  /** id of the answer, or the fingerprint itself */
  target_id: string;
  fingerprint: string | null;
  service_id: number | null;
  prediction_id: string | null;
  /** the moment the judged prediction was about; null for labels of errors */
  at_ms: number | null;
  label: Json<FeedbackLabel>;
  /** the error as it was judged; null for outcomes */
  record: NullableJson<ErrorRecord>;
  operator: string | null;
  comment: string | null;
  created_at_ms: number;
  withdrawn_at_ms: number | null;
  /** what changed, as answered */
  effect: Json<Record<string, unknown>>;
}

export interface IncidentsTable {
  id: string;
  /** the sender's own id (for Alertmanager its fingerprint and start); a second post of it updates the first */
  external_id: string | null;
  service_id: number;
  start_ms: number;
  /** null while it lasts */
  end_ms: number | null;
  source: string;
  title: string;
  class: ErrorClass | null;
  created_at_ms: number;
}

export interface ClassificationsTable {
  id: string;
  fingerprint: string;
  class: ErrorVerdict;
  probability: number;
  abstained: boolean;
  votes: JSONColumnType<Record<string, unknown>>;
  /** the record as it was classified */
  error: JSONColumnType<ErrorRecord>;
  created_at_ms: number;
}

/** What operators said about a fingerprint; `signature` finds near ones. */
interface LabelMemoryTable {
  fingerprint: string;
  class: ErrorClass;
  weight: number;
  operators: number;
  signature: Json<unknown>;
  updated_at_ms: number;
}

/** Beta posterior of how often operators agreed with a rule. */
interface RulePosteriorsTable {
  rule_id: string;
  agreed: number;
  disagreed: number;
}

/** One row (id = 1). */
interface FusionWeightsTable {
  id: number;
  weights: Json<unknown>;
  updated_at_ms: number;
}

export interface JudgementTables {
  feedback: FeedbackTable;
  incidents: IncidentsTable;
  classifications: ClassificationsTable;
  label_memory: LabelMemoryTable;
  rule_posteriors: RulePosteriorsTable;
  fusion_weights: FusionWeightsTable;
}
