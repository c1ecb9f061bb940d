/** Registry: immutable model versions, content-addressed artifacts, aliases with their audit, training jobs. */
import { type Kysely, type Migration, sql } from "kysely";

export const migration0002: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table model_artifacts (
      sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
      content bytea not null
    )`.execute(db);
    await sql`create table model_versions (
      name text not null,
      version text not null,
      created_at_ms bigint not null,
      status text not null check (status in ('candidate', 'passed', 'rejected')),
      manifest jsonb not null,
      metrics jsonb not null,
      verdict jsonb not null,
      card text not null,
      dataset_hash text not null,
      artifact_sha256 text not null references model_artifacts (sha256),
      primary key (name, version)
    )`.execute(db);
    await sql`create table model_aliases (
      name text not null,
      alias text not null check (alias in ('champion', 'challenger', 'shadow')),
      version text not null,
      primary key (name, alias),
      foreign key (name, version) references model_versions (name, version)
    )`.execute(db);
    await sql`create table model_alias_audit (
      id bigserial primary key,
      name text not null,
      alias text not null,
      from_version text,
      to_version text,
      actor text not null,
      reason text not null,
      at_ms bigint not null
    )`.execute(db);
    await sql`create index model_alias_audit_by_alias on model_alias_audit (name, alias, id)`.execute(db);
    await sql`create table training_jobs (
      id uuid primary key,
      model text not null,
      state text not null check (state in ('queued', 'running', 'promoted', 'passed', 'rejected', 'failed')),
      progress jsonb,
      requested_by text not null,
      reason text not null,
      params jsonb not null,
      created_at_ms bigint not null,
      started_at_ms bigint,
      heartbeat_ms bigint,
      finished_at_ms bigint,
      version text,
      metrics jsonb,
      verdict jsonb,
      error text
    )`.execute(db);
    await sql`create index training_jobs_by_time on training_jobs (created_at_ms desc)`.execute(db);
    // What was promoted must be what was judged: not even a hand-written UPDATE changes a version or its bytes.
    await sql`create function harbinger_refuse_change() returns trigger language plpgsql as $$
      begin raise exception '% rows are immutable: register a new version', tg_table_name; end $$`.execute(db);
    for (const table of ["model_versions", "model_artifacts"]) {
      await sql`create trigger immutable before update on ${sql.table(table)}
        for each row execute function harbinger_refuse_change()`.execute(db);
    }
  },
};
