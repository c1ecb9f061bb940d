/** Facts about the database itself. */
import { HarbingerError } from "../errors.ts";
import type { Database } from "./database.ts";

const WINDOW_SIZE = "window_size_ms";

/** Remembers the window size on the first start on a database, and holds every later start to it: stored windows cannot be cut
 *  again, and two sizes in one table would add up to nonsense.
 *  @throws INVALID_CONFIG when the database was started with another size */
export async function pinWindowSize(db: Database, sizeMs: number): Promise<void> {
  await db
    .insertInto("meta")
    .values({ key: WINDOW_SIZE, value: JSON.stringify(sizeMs) })
    .onConflict((conflict) => conflict.column("key").doNothing())
    .execute();
  const pinned = await readMeta(db, WINDOW_SIZE);
  if (pinned === sizeMs) return;
  throw new HarbingerError(
    "INVALID_CONFIG",
    `HARBINGER_WINDOW_SIZE is ${sizeMs} ms, but this database holds windows of ${String(pinned)} ms: set it back, or start on an empty database`,
    { details: { configuredMs: sizeMs, pinnedMs: pinned } },
  );
}

async function readMeta(db: Database, key: string): Promise<unknown> {
  const row = await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}
