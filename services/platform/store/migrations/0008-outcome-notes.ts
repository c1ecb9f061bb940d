/** What operators said became of a service's predictions is asked for with every explanation, newest first. */
import { type Kysely, sql } from "kysely";

export const migration0008 = {
  name: "0008-outcome-notes",

  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create index feedback_outcomes_by_service on feedback (service_id, seq desc)
      where prediction_id is not null and target_kind = 'prediction'`.execute(db);
  },
};
