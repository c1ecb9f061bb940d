/** Bounds on text from outside: senders choose its length and its bytes, we choose what is kept. Lengths are UTF-16 code units. */

const ELLIPSIS = "…";
/** NUL and lone surrogates are legal in JSON but in no database text. `SURROGATE` also finds proper pairs, but it costs nothing on
 *  text of one byte a character; in `u` mode a proper pair is one code point, so `UNSTORABLE` finds lone ones. */
const SURROGATE = /[\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const UNSTORABLE = /[\u0000\p{Surrogate}]/gu;

/** At most `maxLength` code units, cut between characters; characters that no database stores become U+FFFD. */
export function boundText(text: string, maxLength: number): string {
  const kept = text.length > maxLength ? cutEnd(text, maxLength - 1) + ELLIPSIS : text;
  return kept.includes("\0") || SURROGATE.test(kept) ? kept.replace(UNSTORABLE, "\uFFFD") : kept;
}

/** As {@link boundText}, but cuts the middle out: a stack trace says what failed at its head and, in many languages, why at its
 *  end. */
export function boundStacktrace(text: string, maxLength: number): string {
  if (text.length <= maxLength) return boundText(text, maxLength);
  const half = Math.floor((maxLength - 3) / 2);
  const kept = `${cutEnd(text, half)}\n${ELLIPSIS}\n${cutStart(text, half)}`;
  return boundText(kept, maxLength);
}

/** A name that becomes the key of a record. `__proto__` is the one key that plain objects cannot hold. */
export function boundKey(text: string, maxLength: number): string {
  return text === "__proto__" ? "_proto_" : boundText(text, maxLength);
}

function cutEnd(text: string, length: number): string {
  return text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length);
}

function cutStart(text: string, length: number): string {
  const start = text.length - length;
  return text.slice(isHighSurrogate(text.charCodeAt(start - 1)) ? start + 1 : start);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
