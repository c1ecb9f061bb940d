/** Tables of what people (and other systems) judged: feedback, incidents, the answers they judge, and the memory that feedback
 *  feeds. Times are epoch ms; ids are UUIDs as text; JSON columns are written as text and read as values. */
import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { LabelEvidence } from "../../../models/fusion/given-label.ts";
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
  /** what a class label needs to count; null for outcomes, and for labels given before there was such a thing */
  evidence: NullableJson<LabelEvidence>;
  /** version of label_clock at which a class label was given or withdrawn; null for outcomes */
  label_version: number | null;
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

/** One row (id = 1): its version rises with every label that is given or withdrawn, and its lock keeps these apart. */
interface LabelClockTable {
  id: number;
  version: number;
}

export interface JudgementTables {
  feedback: FeedbackTable;
  incidents: IncidentsTable;
  classifications: ClassificationsTable;
  label_clock: LabelClockTable;
}
