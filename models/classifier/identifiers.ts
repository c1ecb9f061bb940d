/** Words of identifiers. `java.net.SocketTimeoutException` → simple name `SocketTimeoutException`, words `socket timeout exception`. */

/** What stands after the last `.`, `::`, `\`, `/` or `$`. */
export function simpleName(type: string): string {
  let end = type.length;
  while (end > 0 && /[.:\\/$]/.test(type[end - 1]!)) end--;
  let start = end;
  while (start > 0 && !/[.:\\/$]/.test(type[start - 1]!)) start--;
  return type.slice(start, end);
}

/** Lower-case words: split at case changes, digits, separators. `HTTPError2` → `http error 2`. */
export function identifierWords(identifier: string): string[] {
  return identifier
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Words written in camel case inside of a text, split: `TransactionConflict, Rate` → [`transaction conflict`]. */
export function camelPhrases(text: string): string[] {
  const found = text.match(/\b[A-Za-z]{1,20}?[a-z][A-Z][A-Za-z]{1,60}\b/g);
  return found === null ? [] : found.map((word) => identifierWords(word).join(" "));
}
