/** Words of a message, for tokens and signatures. */
import { addAsciiWords, identifierWords, isAscii } from "./identifiers.ts";
import { messageTemplate } from "./message-template.ts";

const MAX_WORDS = 60;

/** Lower-case words of the message template, placeholders kept as `<num>`, `<path>` …; identifiers are split. */
export function wordsOf(message: string): string[] {
  const template = messageTemplate(message);
  const words = isAscii(template) ? wordsOfAscii(template) : wordsOfAnyText(template);
  return words.length > MAX_WORDS ? words.slice(0, MAX_WORDS) : words;
}

function wordsOfAnyText(template: string): string[] {
  const words: string[] = [];
  for (const [piece] of template.matchAll(/<[a-z]{2,5}>|[\p{L}\p{N}_']+/gu)) {
    if (words.length >= MAX_WORDS) break;
    if (piece.startsWith("<")) words.push(piece);
    else for (const word of identifierWords(piece.replace(/'(?:s|t)?$/, ""))) words.push(word);
  }
  return words;
}

/** The same in one pass, without the price of Unicode properties. */
function wordsOfAscii(template: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < template.length && words.length < MAX_WORDS) {
    const start = at;
    if (template[at] === "<") {
      at = placeholderEnd(template, at);
      if (at > start + 1) words.push(template.slice(start, at));
      continue;
    }
    while (at < template.length && isPieceCode(template.charCodeAt(at))) at++;
    if (at > start) addAsciiWords(template, start, withoutApostrophe(template, start, at), words);
    else at++;
  }
  return words;
}

/** @param at of a `<`   @returns the end of `<num>`, or `at + 1` when there is no placeholder */
function placeholderEnd(template: string, at: number): number {
  let end = at + 1;
  while (end < at + 7 && isLower(template.charCodeAt(end))) end++;
  return template[end] === ">" && end >= at + 3 && end <= at + 6 ? end + 1 : at + 1;
}

/** The end of a piece without `'`, `'s` or `'t`. */
function withoutApostrophe(template: string, start: number, end: number): number {
  if (template[end - 1] === "'") return end - 1;
  const isShort = template[end - 1] === "s" || template[end - 1] === "t";
  return isShort && end - 2 >= start && template[end - 2] === "'" ? end - 2 : end;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

/** Letters, digits, `_` and `'`. */
function isPieceCode(code: number): boolean {
  return isLower(code) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 39;
}
