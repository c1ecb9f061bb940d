/** Class labels as the classifier learns from them. Each change of a label (given, withdrawn) raises the clock by one and carries its new
 *  version, and so does a change of the grouping, which labels follow; so a process that holds the labels up to some version reads only what has changed since. The clock's row lock keeps
 *  changes apart: whoever holds it sees all earlier ones. */
import type { GivenLabel, LabelEvidence } from "../../../models/fusion/given-label.ts";
import { UNNAMED_OPERATOR } from "../../../models/fusion/given-label.ts";
import type { ErrorRecord } from "../../../models/telemetry/records.ts";
import type { Database } from "./database.ts";

type StoredLabel = Omit<GivenLabel, "evidence"> & { evidence: LabelEvidence | null; record: ErrorRecord };

export interface LabelChanges {
  /** of the clock before the changes were read, or the newest among them */
  version: number;
  given: StoredLabel[];
  /** ids */
  withdrawn: string[];
}

/** One lookup by primary key. */
export async function readLabelVersion(db: Database): Promise<number> {
  const row = await db.selectFrom("label_clock").select("version").where("id", "=", 1).executeTakeFirstOrThrow();
  return row.version;
}

/** Takes the clock's lock for the rest of the transaction and raises it.
 *  @returns the version of the change that follows */
export async function tickLabelClock(db: Database): Promise<number> {
  const row = await db
    .updateTable("label_clock")
    .set((set) => ({ version: set("version", "+", 1) }))
    .where("id", "=", 1)
    .returning("version")
    .executeTakeFirstOrThrow();
  return row.version;
}

/** @param since a version; -1 for all labels */
export async function readLabelChanges(db: Database, since: number): Promise<LabelChanges> {
  // First: all that changed up to here is committed, and so among the rows.
  const clock = await readLabelVersion(db);
  const rows = await db
    .selectFrom("feedback")
    .select(["id", "seq", "fingerprint", "operator", "label", "record", "evidence", "created_at_ms", "withdrawn_at_ms"])
    .select("label_version")
    .where("label_version", ">", since)
    .orderBy("seq")
    .execute();
  const changes: LabelChanges = { version: Math.max(since, clock), given: [], withdrawn: [] };
  for (const { id, seq, fingerprint, operator, label, record, evidence, ...row } of rows) {
    changes.version = Math.max(changes.version, row.label_version ?? since);
    if (row.withdrawn_at_ms !== null) changes.withdrawn.push(id);
    else if (fingerprint !== null && record !== null && "class" in label) {
      const named = { fingerprint, operator: operator ?? UNNAMED_OPERATOR, class: label.class };
      changes.given.push({ id, seq, ...named, atMs: row.created_at_ms, evidence, record });
    }
  }
  return changes;
}

/** Makes a stored judgement count as a label from `version` on. */
export async function countLabel(
  db: Database,
  id: string,
  { version, evidence }: { version: number; evidence: LabelEvidence },
): Promise<void> {
  await db
    .updateTable("feedback")
    .set({ evidence: JSON.stringify(evidence), label_version: version })
    .where("id", "=", id)
    .execute();
}

/** Tells everybody that a withdrawn judgement has stopped counting. */
export async function dropLabel(db: Database, id: string, version: number): Promise<void> {
  await db.updateTable("feedback").set({ label_version: version }).where("id", "=", id).execute();
}
