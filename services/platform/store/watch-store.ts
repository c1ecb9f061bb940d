/** How far the watch over a model has come: one value per model, which only the watch understands. */
import type { Database } from "./database.ts";

/** @returns what was written last; undefined when nothing was */
export async function readWatch(db: Database, name: string): Promise<unknown> {
  const row = await db.selectFrom("model_watch").select("state").where("name", "=", name).executeTakeFirst();
  return row?.state;
}

/** @param atMs processing time */
export async function writeWatch(db: Database, name: string, state: object, atMs: number): Promise<void> {
  const written = { state: JSON.stringify(state), updated_at_ms: atMs };
  await db
    .insertInto("model_watch")
    .values({ name, ...written })
    .onConflict((conflict) => conflict.column("name").doUpdateSet(written))
    .execute();
}
