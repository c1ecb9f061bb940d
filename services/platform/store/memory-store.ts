/** The memory that feedback feeds: labels by fingerprint, posteriors of rules, weights of the pool. Its version lies in the one row of
 *  fusion_weights, is read by every classification and raised by every change, and the row's lock keeps changes apart. */
import { sql } from "kysely";
import type { FusionWeights } from "../../../models/fusion/fusion-weights.ts";
import {
  type ErrorSignature,
  type MemoryEntry,
  type OperatorLabel,
  standingOf,
} from "../../../models/fusion/label-memory.ts";
import type { Database } from "./database.ts";

/** What the pool learnt online, and for which model: a new model brings weights of its own. */
export interface StoredFusionWeights {
  memoryVersion: number;
  /** by version of the classifier that they were learnt on; `rules_only` without one */
  byModel: Record<string, FusionWeights>;
}

interface StoredSignature extends ErrorSignature {
  labels: OperatorLabel[];
}

/** One lookup by primary key.
 *  @returns 0 before the first feedback */
export async function readMemoryVersion(db: Database): Promise<number> {
  const row = await db
    .selectFrom("fusion_weights")
    .select(sql<number>`(weights->>'memoryVersion')::float8`.as("version"))
    .where("id", "=", 1)
    .executeTakeFirst();
  return row?.version ?? 0;
}

export async function loadMemory(db: Database): Promise<MemoryEntry[]> {
  const rows = await db
    .selectFrom("label_memory")
    .select(["fingerprint", "signature"])
    .orderBy("fingerprint")
    .execute();
  return rows.map(({ fingerprint, signature }) => toEntry(fingerprint, signature));
}

export async function findMemoryEntry(db: Database, fingerprint: string): Promise<MemoryEntry | null> {
  const row = await db
    .selectFrom("label_memory")
    .select("signature")
    .where("fingerprint", "=", fingerprint)
    .executeTakeFirst();
  return row === undefined ? null : toEntry(fingerprint, row.signature);
}

/** Writes the labels of one group as they stand now; an entry without labels is deleted. */
export async function rememberLabel(db: Database, entry: MemoryEntry, nowMs: number): Promise<void> {
  if (entry.labels.length === 0) return forgetLabel(db, entry.fingerprint);
  const standing = standingOf(entry.labels);
  const signature: StoredSignature = { ...entry.signature, labels: entry.labels };
  const columns = {
    // Operators who cancel out leave a weight of 0; the class shown is then the newest label's.
    class: standing?.class ?? entry.labels.at(-1)!.class,
    weight: standing?.weight ?? 0,
    operators: standing?.operators ?? entry.labels.length,
    signature: JSON.stringify(signature),
    updated_at_ms: nowMs,
  };
  await db
    .insertInto("label_memory")
    .values({ fingerprint: entry.fingerprint, ...columns })
    .onConflict((conflict) => conflict.column("fingerprint").doUpdateSet(columns))
    .execute();
}

async function forgetLabel(db: Database, fingerprint: string): Promise<void> {
  await db.deleteFrom("label_memory").where("fingerprint", "=", fingerprint).execute();
}

export async function readRulePosteriors(db: Database): Promise<Map<string, { agreed: number; disagreed: number }>> {
  const rows = await db.selectFrom("rule_posteriors").selectAll().execute();
  return new Map(rows.map(({ rule_id, agreed, disagreed }) => [rule_id, { agreed, disagreed }]));
}

/** @param by what is added, negative to take a judgement back */
export async function bumpRulePosterior(
  db: Database,
  ruleId: string,
  by: { agreed: number; disagreed: number },
): Promise<void> {
  await db
    .insertInto("rule_posteriors")
    .values({ rule_id: ruleId, agreed: Math.max(0, by.agreed), disagreed: Math.max(0, by.disagreed) })
    .onConflict((conflict) =>
      conflict.column("rule_id").doUpdateSet({
        agreed: sql<number>`greatest(0, rule_posteriors.agreed + ${by.agreed})`,
        disagreed: sql<number>`greatest(0, rule_posteriors.disagreed + ${by.disagreed})`,
      }),
    )
    .execute();
}

export async function readFusionWeights(db: Database): Promise<StoredFusionWeights> {
  const row = await db.selectFrom("fusion_weights").select("weights").where("id", "=", 1).executeTakeFirst();
  return toStored(row?.weights);
}

/** Takes the row's lock for the rest of the transaction, so that changes of the memory follow one another. */
export async function lockFusionWeights(db: Database, nowMs: number): Promise<StoredFusionWeights> {
  const empty: StoredFusionWeights = { memoryVersion: 0, byModel: {} };
  await db
    .insertInto("fusion_weights")
    .values({ id: 1, weights: JSON.stringify(empty), updated_at_ms: nowMs })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  const row = await db
    .selectFrom("fusion_weights")
    .select("weights")
    .where("id", "=", 1)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return toStored(row.weights);
}

export async function writeFusionWeights(db: Database, weights: StoredFusionWeights, nowMs: number): Promise<void> {
  await db
    .updateTable("fusion_weights")
    .set({ weights: JSON.stringify(weights), updated_at_ms: nowMs })
    .where("id", "=", 1)
    .execute();
}

function toEntry(fingerprint: string, signature: unknown): MemoryEntry {
  // Only this file writes the column.
  const { labels, ...own } = signature as StoredSignature;
  return { fingerprint, signature: own, labels };
}

function toStored(weights: unknown): StoredFusionWeights {
  // Only this file writes the column.
  return (weights as StoredFusionWeights | undefined) ?? { memoryVersion: 0, byModel: {} };
}
