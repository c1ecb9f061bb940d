/** Many JSON values in one parameter. An array parameter would have every quote in it escaped, twice over on the way; JSON text has no
 *  raw line break in it, so that lines need no escaping at all. */
import { type RawBuilder, sql } from "kysely";

/** A text[] with one JSON text per value. */
export function jsonLines(values: readonly unknown[]): RawBuilder<string[]> {
  return sql`string_to_array(${values.map((value) => JSON.stringify(value)).join("\n")}::text, E'\\n')`;
}
