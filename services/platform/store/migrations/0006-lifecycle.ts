/** What becomes of models while they serve: scores of models that nobody is shown, outcomes of predictions, drift, and why an alias was
 *  moved back by itself. Append-only once released. */
import { type Kysely, sql } from "kysely";

export const migration0006 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table shadow_scores (
        version text not null,
        service_id integer not null,
        at_ms bigint not null,
        horizon_ms bigint not null,
        probability real not null,
        primary key (version, at_ms, service_id)
      )`.execute(db);
    await sql`create index shadow_scores_by_time on shadow_scores (at_ms)`.execute(db);

    // Sums over one service's rows within one horizon: they share their outcome, so nothing needs to be told apart below that.
    await sql`
      create table model_outcomes (
        version text not null,
        against text not null,
        service_id integer not null,
        block_ms bigint not null,
        rows integer not null,
        positives integer not null,
        probability double precision not null,
        brier double precision not null,
        against_brier double precision not null,
        log_loss double precision not null,
        against_log_loss double precision not null,
        primary key (version, against, block_ms, service_id)
      )`.execute(db);
    await sql`create index model_outcomes_by_time on model_outcomes (block_ms)`.execute(db);

    await sql`create table model_watch (name text primary key, state jsonb not null, updated_at_ms bigint not null)`.execute(
      db,
    );

    await sql`
      create table model_drift (
        name text not null,
        signal text not null,
        version text,
        drifting boolean not null,
        value double precision,
        threshold double precision,
        detail jsonb not null,
        at_ms bigint not null,
        drifting_since_ms bigint,
        primary key (name, signal)
      )`.execute(db);

    await sql`alter table model_alias_audit add column rollback_evidence jsonb`.execute(db);
    await sql`alter table training_jobs add column because text`.execute(db);
  },
};
