/** Labels of errors teach from their own rows: each carries what it needs to count, and the version at which it last changed. What was
 *  kept beside them (memory, posteriors, weights) is worked out from them now. Append-only once released. */
import { type Kysely, sql } from "kysely";

export const migration0005 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table feedback add column evidence jsonb, add column label_version bigint`.execute(db);
    await sql`update feedback set label_version = 0 where jsonb_exists(label, 'class')`.execute(db);
    await sql`create index feedback_label_version on feedback (label_version) where label_version is not null`.execute(
      db,
    );
    await sql`create table label_clock (id integer primary key check (id = 1), version bigint not null)`.execute(db);
    await sql`insert into label_clock (id, version) values (1, 0)`.execute(db);
    await sql`drop table label_memory`.execute(db);
    await sql`drop table rule_posteriors`.execute(db);
    await sql`drop table fusion_weights`.execute(db);
  },
};
