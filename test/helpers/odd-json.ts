/** Writes a value as JSON that no encoder would write and every parser must read: fields in random order, some of them first with
 *  another value (the last one counts), names and texts with escapes, white space anywhere. */

/** What a repeated field first says. None of it may have any effect. */
const VOID = ["null", "true", "7", '"void"', "[]", "{}", "[{}]", '[{"name":"exception"}]', '{"code":2}'];

/** @param random numbers in [0, 1) */
export function writeOddly(value: unknown, random: () => number): string {
  const space = () => (random() < 0.1 ? [" ", "\n", "\t\r\n "][Math.floor(random() * 3)] : "");
  const spaced = (text: string) => `${space()}${text}${space()}`;
  const write = (part: unknown): string => {
    if (Array.isArray(part)) return spaced(`[${part.map(write).join(",")}${space()}]`);
    if (typeof part === "string") return spaced(writeText(part, random));
    if (typeof part !== "object" || part === null) return spaced(JSON.stringify(part));
    const fields = shuffle(Object.entries(part), random).map(([name, field]): [string, string] => [name, write(field)]);
    const voided = fields
      .filter(() => random() < 0.05)
      .map(([name]): [string, string] => [name, VOID[Math.floor(random() * VOID.length)]!]);
    const all = [...voided, ...fields].map(([name, text]) => `${spaced(writeText(name, random))}:${text}`);
    return spaced(`{${space()}${all.join(",")}}`);
  };
  return write(value);
}

function writeText(text: string, random: () => number): string {
  if (random() < 0.8) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, at) =>
    random() < 0.3 ? `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}` : null,
  );
  // half a surrogate pair cannot stand by itself in UTF-8
  const plain = (at: number) => (/[\ud800-\udfff]/.test(text[at]!) ? null : JSON.stringify(text[at]).slice(1, -1));
  return `"${units.map((escaped, at) => escaped ?? plain(at) ?? `\\u${text.charCodeAt(at).toString(16)}`).join("")}"`;
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() < 0.5 ? 0 : random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
