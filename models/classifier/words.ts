/** Words of a message, for tokens and signatures. */
import { identifierWords } from "./identifiers.ts";
import { messageTemplate } from "./message-template.ts";

const MAX_WORDS = 60;

/** Lower-case words of the message template, placeholders kept as `<num>`, `<path>` …; identifiers are split. */
export function wordsOf(message: string): string[] {
  const words: string[] = [];
  for (const [piece] of messageTemplate(message).matchAll(/<[a-z]{2,5}>|[\p{L}\p{N}_']+/gu)) {
    if (words.length >= MAX_WORDS) break;
    if (piece.startsWith("<")) words.push(piece);
    else for (const word of identifierWords(piece.replace(/'(?:s|t)?$/, ""))) words.push(word);
  }
  return words.slice(0, MAX_WORDS);
}
