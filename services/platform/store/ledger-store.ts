/** The ledger: every record that left the queue is merged, rejected or a duplicate, and the sums say so after any crash. */
import { sql } from "kysely";
import type { NameBounds } from "../../../models/windows/bounded-map.ts";
import type { Database } from "./database.ts";

/** The kinds of names that a window bounds. */
export const NAME_KINDS = [
  "callees",
  "versions",
  "instances",
  "gauges",
  "fingerprints",
] as const satisfies (keyof NameBounds)[];
export type OtherNamesCounter = `other.${(typeof NAME_KINDS)[number]}`;

const LEDGER_COUNTERS = [
  /** records of all batches that were taken from the queue: merged + rejected + duplicates */
  "records.received",
  "records.merged",
  "records.rejected",
  /** records of batches that had been merged before */
  "records.duplicate",
  /** window deltas' records merged after their window had closed */
  "records.late",
  "batches.merged",
  "batches.duplicate",
  "errors.counted",
  /** second reports of an error that was already counted */
  "errors.repeated",
  /** errors of groups beyond the limit, counted under `_OTHER` */
  "errors.other_groups",
  /** records of services beyond the limit, counted under `_OTHER` */
  "records.other_services",
  /** calls, records, measurements and errors of names beyond their window's bound, counted under `_OTHER` */
  ...NAME_KINDS.map((kind) => `other.${kind}` as const),
] as const;

export type LedgerCounter = (typeof LEDGER_COUNTERS)[number];
export type LedgerEntries = Partial<Record<LedgerCounter, number>>;

export async function addToLedger(db: Database, entries: LedgerEntries): Promise<void> {
  // One order in every transaction, so that two of them never wait for each other in a circle.
  const moved = LEDGER_COUNTERS.filter((counter) => (entries[counter] ?? 0) !== 0);
  if (moved.length === 0) return;
  await sql`
    insert into ledger (counter, value)
    select * from unnest(${moved}::text[], ${moved.map((counter) => entries[counter] ?? 0)}::bigint[])
    on conflict (counter) do update set value = ledger.value + excluded.value`.execute(db);
}

export async function readLedger(db: Database): Promise<Record<LedgerCounter, number>> {
  const rows = await db.selectFrom("ledger").selectAll().execute();
  const values = new Map(rows.map((row) => [row.counter, row.value]));
  // Every counter gets its key, which fromEntries cannot express.
  return Object.fromEntries(LEDGER_COUNTERS.map((counter) => [counter, values.get(counter) ?? 0])) as Record<
    LedgerCounter,
    number
  >;
}
