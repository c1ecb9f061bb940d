/** Operators' merges and splits of error groups. Append-only once released: change it by a later migration. */
import { type Kysely, sql } from "kysely";

export const migration0004 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table grouping_changes (
        id uuid primary key,
        seq bigserial not null unique,
        idempotency_key text unique,
        request_hash text,
        step jsonb,
        undoes uuid unique references grouping_changes (id),
        operator text,
        comment text,
        created_at_ms bigint not null,
        effect jsonb not null,
        check ((step is null) <> (undoes is null))
      )`.execute(db);
    // The group that the counted kind of error is shown in; changes only with grouping_changes.
    await sql`alter table error_groups add column group_key text`.execute(db);
    await sql`update error_groups set group_key = fingerprint`.execute(db);
    await sql`alter table error_groups alter column group_key set not null`.execute(db);
    await sql`create index error_groups_by_group on error_groups (group_key)`.execute(db);
  },
};
