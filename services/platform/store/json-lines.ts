/** Many JSON values in one parameter. An array parameter would have every quote in it escaped, twice over on the way; JSON text has no
 *  raw line break in it, so that lines need no escaping at all. */
import { type RawBuilder, sql } from "kysely";

/** A text[] with one JSON text per value. A value that occurs again, as the same object, is turned into text once. */
export function jsonLines(values: readonly unknown[]): RawBuilder<string[]> {
  const texts = new Map<unknown, string>();
  const lines = values.map((value) => {
    const text = texts.get(value) ?? JSON.stringify(value);
    texts.set(value, text);
    return text;
  });
  return sql`string_to_array(${lines.join("\n")}::text, E'\\n')`;
}
