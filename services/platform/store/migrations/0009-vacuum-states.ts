/** Every close replaces the states of all its services, some kilobytes each, kept out of line. While a backlog is closed, a throttled vacuum
 *  does not keep up with that (70 services closed at 16 windows a second: 12 GB of dead rows in ten minutes), and the file never shrinks
 *  again. What is alive is small, so vacuuming at full speed is over at once. */
import { type Kysely, sql } from "kysely";

export const migration0009 = {
  name: "0009-vacuum-states",

  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      alter table feature_states
      set (autovacuum_vacuum_cost_delay = 0, toast.autovacuum_vacuum_cost_delay = 0)`.execute(db);
  },
};
