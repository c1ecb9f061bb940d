/** Brings the schema up to date at start. Append-only: a migration that has run anywhere is never edited, only followed. */
import { type Kysely, sql } from "kysely";
import { HarbingerError } from "../errors.ts";
import { migration0001 } from "./migrations/0001-telemetry.ts";
import { migration0002 } from "./migrations/0002-registry.ts";
import { migration0003 } from "./migrations/0003-judgement.ts";
import { migration0004 } from "./migrations/0004-grouping.ts";
import { migration0005 } from "./migrations/0005-labels.ts";
import { migration0006 } from "./migrations/0006-lifecycle.ts";
import { migration0007 } from "./migrations/0007-known-changes.ts";
import { migration0008 } from "./migrations/0008-outcome-notes.ts";
import { migration0009 } from "./migrations/0009-vacuum-states.ts";

export interface Migration {
  /** its file's: `0001-telemetry` */
  name: string;
  /** runs in a transaction together with its entry in the ledger */
  up(db: Kysely<unknown>): Promise<void>;
}

const MIGRATIONS: readonly Migration[] = [
  { name: "0001-telemetry", up: migration0001.up },
  { name: "0002-registry", up: migration0002.up },
  { name: "0003-judgement", up: migration0003.up },
  { name: "0004-grouping", up: migration0004.up },
  { name: "0005-labels", up: migration0005.up },
  { name: "0006-lifecycle", up: migration0006.up },
  { name: "0007-known-changes", up: migration0007.up },
  { name: "0008-outcome-notes", up: migration0008.up },
  { name: "0009-vacuum-states", up: migration0009.up },
];

/** Any constant will do, as long as every process takes the same one: "harbinge" in ASCII. */
const ADVISORY_LOCK = "7521418619686643557";

interface LedgerTable {
  schema_migrations: { name: string; applied_at_ms: number };
}

/** Applies what is missing, in order, all or nothing. Processes that start at once wait for one another.
 *  @param nowMs processing time written into the ledger
 *  @returns the names that were applied by this call
 *  @throws CONFLICT when the database was written by a newer release */
export async function migrate<T>(
  db: Kysely<T>,
  nowMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<string[]> {
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)}::bigint)`.execute(transaction);
    // The ledger belongs to this file alone, so it is no part of the schema that stores see.
    const ledger = transaction as unknown as Kysely<LedgerTable>;
    await sql`create table if not exists schema_migrations (name text primary key, applied_at_ms bigint not null)`.execute(
      ledger,
    );
    const rows = await ledger.selectFrom("schema_migrations").select("name").orderBy("name").execute();
    const applied = new Set(rows.map((row) => row.name));
    assertKnown(applied, migrations);

    const missing = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of missing) {
      // A migration sees the tables as they were in its own time, not as Schema describes them today.
      await migration.up(transaction as unknown as Kysely<unknown>);
      await ledger.insertInto("schema_migrations").values({ name: migration.name, applied_at_ms: nowMs }).execute();
    }
    return missing.map((migration) => migration.name);
  });
}

function assertKnown(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const strangers = [...applied].filter((name) => !known.has(name));
  if (strangers.length === 0) return;
  throw new HarbingerError(
    "CONFLICT",
    `the database has migrations that this release does not know (${strangers.join(", ")}): run the newer release it was written by`,
    { details: { strangers } },
  );
}
