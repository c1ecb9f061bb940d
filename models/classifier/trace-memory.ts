/** Parsed stack traces, remembered by their text: one failing line prints the same frames thousands of times. Where only the message in
 *  the first line differs, as it does whenever it names an order or a host, the frames are still found again.
 *
 *  That shortcut is taken only where it provably gives what parsing gives: a first line `Type: message` without brackets, which marks no
 *  runtime, directly above the frames of a JVM or of Node. Their parsers then pass the message on as it is and look at it nowhere else. */
import { createGenerationCache } from "./generation-cache.ts";
import { lineRuntime, parseTrace } from "./parse-trace.ts";
import type { ParsedTrace } from "./parsed-error.ts";
import { splitHeader } from "./traces/trace-lines.ts";

export type ParseTrace = (text: string, language?: string) => ParsedTrace;

/** Characters of text per generation: some thousand traces, some megabytes. */
const REMEMBERED_CHARACTERS = 4_000_000;
/** What an entry costs beside its text. */
const ENTRY_CHARACTERS = 1_000;
const PLAIN_MESSAGE = /^[^\s{}[\]](?:[^\r\n{}[\]]{0,400}[^\s{}[\]])?$/;
const PLACEHOLDER = "message";

/** @returns `parseTrace` that remembers. What it returns is shared: nobody may change it. */
export function createTraceMemory(rememberedCharacters = REMEMBERED_CHARACTERS): ParseTrace {
  const byText = createGenerationCache<{ language: string | undefined; trace: ParsedTrace }>(rememberedCharacters);
  const remember = (text: string, language: string | undefined): ParsedTrace => {
    const known = byText.get(text);
    if (known !== undefined && known.language === language) return known.trace;
    const trace = parseTrace(text, language);
    byText.set(text, { language, trace }, text.length + ENTRY_CHARACTERS);
    return trace;
  };
  return (text, language) => {
    const header = plainHeader(text);
    if (header === null) return remember(text, language);
    const trace = remember(`${header.type}: ${PLACEHOLDER}${text.slice(header.length)}`, language);
    const [outer] = trace.chain;
    if ((trace.runtime !== "jvm" && trace.runtime !== "node") || outer?.message !== PLACEHOLDER) {
      return parseTrace(text, language);
    }
    return { runtime: trace.runtime, chain: [{ ...outer, message: header.message }, ...trace.chain.slice(1)] };
  };
}

/** @returns null unless the text begins with a header that can be replaced */
function plainHeader(text: string): { type: string; message: string; length: number } | null {
  const length = text.indexOf("\n");
  if (length <= 0 || length > 600 || !/^\n\s{1,8}at /.test(text.slice(length, length + 13))) return null;
  const line = text.slice(0, length);
  const header = splitHeader(line);
  if (header === null || header.code !== null || line !== `${header.type}: ${header.message}`) return null;
  if (!PLAIN_MESSAGE.test(header.message) || lineRuntime(line) !== null) return null;
  return { type: header.type, message: header.message, length };
}
