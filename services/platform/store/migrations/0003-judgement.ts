/** Feedback, incidents, classifications and the memory of labels. Append-only once released: change it by a later migration. */
import { type Kysely, sql } from "kysely";

export const migration0003 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table feedback (
        id uuid primary key,
        seq bigserial not null unique,
        idempotency_key text unique,
        request_hash text,
        target_kind text not null check (target_kind in ('classification', 'prediction', 'fingerprint')),
        target_id text not null,
        fingerprint text,
        service_id integer,
        prediction_id uuid,
        at_ms bigint,
        label jsonb not null,
        record jsonb,
        operator text,
        comment text,
        created_at_ms bigint not null,
        withdrawn_at_ms bigint,
        effect jsonb not null
      )`.execute(db);
    await sql`create index feedback_fingerprint on feedback (fingerprint) where fingerprint is not null`.execute(db);
    await sql`create index feedback_prediction on feedback (prediction_id) where prediction_id is not null`.execute(db);

    await sql`
      create table incidents (
        id uuid primary key,
        external_id text unique,
        service_id integer not null,
        start_ms bigint not null,
        end_ms bigint check (end_ms >= start_ms),
        source text not null,
        title text not null,
        class text,
        created_at_ms bigint not null
      )`.execute(db);
    await sql`create index incidents_service_start on incidents (service_id, start_ms)`.execute(db);
    await sql`create index incidents_start on incidents (start_ms, id)`.execute(db);

    await sql`
      create table classifications (
        id uuid primary key,
        fingerprint text not null,
        class text not null,
        probability real not null,
        abstained boolean not null,
        votes jsonb not null,
        error jsonb not null,
        created_at_ms bigint not null
      )`.execute(db);
    await sql`create index classifications_fingerprint on classifications (fingerprint, created_at_ms desc)`.execute(
      db,
    );
    await sql`create index classifications_created on classifications (created_at_ms)`.execute(db);

    await sql`
      create table label_memory (
        fingerprint text primary key,
        class text not null,
        weight real not null,
        operators integer not null,
        signature jsonb not null,
        updated_at_ms bigint not null
      )`.execute(db);
    await sql`
      create table rule_posteriors (
        rule_id text primary key,
        agreed real not null default 0,
        disagreed real not null default 0
      )`.execute(db);
    await sql`
      create table fusion_weights (
        id integer primary key check (id = 1),
        weights jsonb not null,
        updated_at_ms bigint not null
      )`.execute(db);
  },
};
