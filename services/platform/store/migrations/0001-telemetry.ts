/** Windows, errors, features, predictions and the bookkeeping around them. Append-only once released. */
import { type Kysely, sql } from "kysely";

export const migration0001 = {
  name: "0001-telemetry",

  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table meta (key text primary key, value jsonb not null)`.execute(db);

    await sql`
      create table services (
        id serial primary key,
        namespace text not null,
        name text not null,
        environment text not null,
        language text,
        first_event_ms bigint not null,
        last_event_ms bigint not null,
        last_merged_ms bigint not null,
        retired boolean not null default false,
        last_failed boolean,
        last_active_ms bigint,
        unique (namespace, name, environment)
      ) with (fillfactor = 70)`.execute(db);
    await sql`create index services_by_name on services (name)`.execute(db);

    await sql`
      create table ingested_batches (
        batch_id bytea primary key,
        signal text not null,
        received_at_ms bigint not null,
        record_count integer not null,
        rejected jsonb not null,
        merged_at_ms bigint not null
      )`.execute(db);
    await sql`create index ingested_batches_by_merge on ingested_batches using brin (merged_at_ms)`.execute(db);

    await sql`create table error_sightings (key bytea primary key, event_ms bigint not null)`.execute(db);
    await sql`create index error_sightings_by_event on error_sightings (event_ms)`.execute(db);

    await sql`
      create table error_groups (
        fingerprint text primary key,
        exception_type text,
        template text not null,
        sample jsonb not null,
        class text not null,
        probability real not null,
        abstained boolean not null,
        first_seen_ms bigint not null,
        last_seen_ms bigint not null,
        error_count bigint not null
      ) with (fillfactor = 80)`.execute(db);
    await sql`
      create table error_group_services (
        fingerprint text not null,
        service_id integer not null references services (id),
        first_seen_ms bigint not null,
        last_seen_ms bigint not null,
        error_count bigint not null,
        primary key (fingerprint, service_id)
      ) with (fillfactor = 80)`.execute(db);
    await sql`create index error_group_services_by_service on error_group_services (service_id, fingerprint)`.execute(
      db,
    );

    await sql`create index error_group_services_by_first_seen on error_group_services (first_seen_ms)`.execute(db);

    // Open windows are rewritten with every batch: room in the page and no index on what changes keep those updates cheap.
    await sql`
      create table windows (
        service_id integer not null references services (id),
        start_ms bigint not null,
        request_count bigint not null default 0,
        request_error_count bigint not null default 0,
        error_count bigint not null default 0,
        error_log_count bigint not null default 0,
        late_count integer not null default 0,
        stats jsonb not null,
        closed boolean not null default false,
        failed boolean,
        onset boolean not null default false,
        primary key (service_id, start_ms)
      ) with (fillfactor = 70)`.execute(db);
    await sql`create index windows_by_start on windows (start_ms, service_id)`.execute(db);
    await sql`create index windows_onsets on windows (service_id, start_ms) where onset`.execute(db);

    await sql`
      create table feature_states (
        service_id integer primary key references services (id),
        at_ms bigint not null,
        spec_hash text not null,
        state text not null
      )`.execute(db);
    // Written with every window and read once per start: neither parsing nor compressing it pays.
    await sql`alter table feature_states alter column state set storage external`.execute(db);
    await sql`
      create table feature_vectors (
        service_id integer not null references services (id),
        at_ms bigint not null,
        spec_hash text not null,
        vector bytea not null,
        primary key (service_id, at_ms)
      )`.execute(db);
    // Vectors are noise to a compressor: keep them out of its way.
    await sql`alter table feature_vectors alter column vector set storage external`.execute(db);
    await sql`create index feature_vectors_by_time on feature_vectors (at_ms, service_id)`.execute(db);

    await sql`
      create table predictions (
        id uuid primary key,
        service_id integer not null references services (id),
        at_ms bigint not null,
        made_at_ms bigint not null,
        source text not null check (source in ('window', 'api')),
        model_name text not null,
        model_version text,
        state text not null,
        horizons jsonb not null,
        confidence real,
        detail jsonb
      )`.execute(db);
    await sql`create index predictions_by_service on predictions (service_id, at_ms desc)`.execute(db);
    await sql`create index predictions_by_time on predictions (at_ms)`.execute(db);

    await sql`
      create table stream_clock (
        id integer primary key check (id = 1),
        max_event_ms bigint,
        last_received_ms bigint,
        closed_through_ms bigint,
        last_tick_ms bigint,
        absent_from_ms bigint,
        absent_until_ms bigint
      ) with (fillfactor = 10)`.execute(db);
    await sql`insert into stream_clock (id) values (1)`.execute(db);

    await sql`create table ledger (counter text primary key, value bigint not null) with (fillfactor = 10)`.execute(db);
  },
};
