/** Announces what answers about the present rest on, so that processes may keep it in memory; see known-changes.ts. Triggers, so that
 *  whoever writes is heard. Merging writes none of these but the first sight of a service, so its commits stay free of NOTIFY's lock. */
import { type Kysely, sql } from "kysely";

export const migration0007 = {
  name: "0007-known-changes",

  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create function announce_known_change() returns trigger language plpgsql as $$
      begin
        perform pg_notify('harbinger_known', tg_argv[0]);
        return null;
      end $$`.execute(db);
    await sql`
      create trigger announce after insert or delete on services
      for each statement execute function announce_known_change('services')`.execute(db);
    await sql`
      create trigger announce after update of closed_through_ms on stream_clock
      for each row when (old.closed_through_ms is distinct from new.closed_through_ms)
      execute function announce_known_change('risk')`.execute(db);
    for (const table of ["feature_vectors", "incidents", "feedback"]) {
      await sql`
        create trigger announce after insert or update or delete on ${sql.table(table)}
        for each statement execute function announce_known_change('risk')`.execute(db);
    }
  },
};
