/** Does the database answer? */
import { sql } from "kysely";
import type { Database } from "./database.ts";

/** @throws whatever the driver throws when it does not */
export async function pingDatabase(db: Database): Promise<void> {
  await sql`select 1`.execute(db);
}
