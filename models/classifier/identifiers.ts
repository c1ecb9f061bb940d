/** Words of identifiers. `java.net.SocketTimeoutException` → simple name `SocketTimeoutException`, words `socket timeout exception`. */

/** What stands after the last `.`, `::`, `\`, `/` or `$`. */
export function simpleName(type: string): string {
  let end = type.length;
  while (end > 0 && isNameSeparator(type.charCodeAt(end - 1))) end--;
  let start = end;
  while (start > 0 && !isNameSeparator(type.charCodeAt(start - 1))) start--;
  return type.slice(start, end);
}

/** One of `.`, `:`, `\`, `/`, `$`. */
function isNameSeparator(code: number): boolean {
  return code === 46 || code === 58 || code === 92 || code === 47 || code === 36;
}

/** Lower-case words: split at case changes, digits, separators. `HTTPError2` → `http error 2`. */
export function identifierWords(identifier: string): string[] {
  if (isAscii(identifier)) {
    const words: string[] = [];
    addAsciiWords(identifier, 0, identifier.length, words);
    return words;
  }
  return identifier
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Nearly all text is ASCII, and is read without the price of Unicode properties. */
export function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

/** Adds what `identifierWords` gives for `text.slice(from, to)`, in one pass.
 *  @param text of ASCII only between `from` and `to` */
export function addAsciiWords(text: string, from: number, to: number, words: string[]): void {
  let start = from;
  let before = OTHER;
  for (let at = from; at <= to; at++) {
    const own = at < to ? characterOf(text.charCodeAt(at)) : OTHER;
    // The last of several capitals begins the next word: `HTTPError`.
    const isTurn =
      own === UPPER &&
      (before === UPPER ? at + 1 < to && characterOf(text.charCodeAt(at + 1)) === LOWER : before !== OTHER);
    if (before !== OTHER && (own === OTHER || isTurn)) words.push(text.slice(start, at).toLowerCase());
    if (own !== OTHER && (before === OTHER || isTurn)) start = at;
    before = own;
  }
}

const OTHER = 0;
const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;

function characterOf(code: number): number {
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  return code >= 48 && code <= 57 ? DIGIT : OTHER;
}

/** Words written in camel case inside of a text, split: `TransactionConflict, Rate` → [`transaction conflict`]. */
export function camelPhrases(text: string): string[] {
  const found = text.match(/\b[A-Za-z]{1,20}?[a-z][A-Z][A-Za-z]{1,60}\b/g);
  return found === null ? [] : found.map((word) => identifierWords(word).join(" "));
}
