/** The table of operators' changes to the grouping. */
import type { ColumnType, Generated } from "kysely";
import type { RegroupingStep } from "../../../models/grouping/regrouping.ts";

type Json<T> = ColumnType<T, string, string>;

/** Append-only, without any exception: undoing a change is a row of its own. */
interface GroupingChangesTable {
  id: string;
  seq: Generated<number>;
  idempotency_key: string | null;
  /** hex SHA-256 of the canonical request; tells a repeat from another request under the same key */
  request_hash: string | null;
  /** null: this row undoes another one */
  step: ColumnType<RegroupingStep | null, string | null, never>;
  /** the change that this row undoes; each at most once */
  undoes: string | null;
  operator: string | null;
  comment: string | null;
  created_at_ms: number;
  /** what changed, as answered */
  effect: Json<GroupingEffect>;
}

export interface GroupingEffect {
  /** counted kinds of error that are shown in another group now */
  movedCount: number;
  /** the first of them */
  moved: { member: string; from: string; to: string }[];
}

export interface GroupingTables {
  grouping_changes: GroupingChangesTable;
}
