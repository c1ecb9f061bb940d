/** Cursors are positions, not page numbers: a page is the same whatever was added before it. They are opaque to callers but not
 *  secret, and what comes back is parsed like any input. */
import type { z } from "zod";
import { HarbingerError } from "../../platform/errors.ts";

export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** @throws INVALID_INPUT unless it is a position that `schema` accepts */
export function decodeCursor<Position>(cursor: string, schema: z.ZodType<Position>): Position {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch (cause) {
    throw new HarbingerError("INVALID_INPUT", "the cursor is not one that this call gave out", {
      details: { errors: [{ path: "query.cursor", message: "not a cursor of this listing" }] },
      cause,
    });
  }
}

/** Cuts a page out of `limit + 1` rows.
 *  @returns the first `limit` rows and the cursor of the next page, null when there is none */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => unknown,
): { rows: Row[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null };
}
