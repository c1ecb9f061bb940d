/** Message templates: the parts of a message that vary from one occurrence to the next are replaced by placeholders, so that
 *  occurrences of one error share a text. One pass over whitespace- and punctuation-separated words, each looked at once; linear.
 *
 *  `order 20006 at 10.0.0.7:5432 failed after 3.2s` → `order <num> at <addr> failed after <num>` */

const MAX_MESSAGE_LENGTH = 2_000;
const URL_TEXT = /\b[a-z][a-z+.-]{1,20}:\/\/[^\s"'<>)]+/gi;
const WORD = /[\p{L}\p{N}_@%+~$\\/:.-]+/gu;
/** The same for a text of ASCII only, which is nearly all text, without the price of Unicode properties. */
const ASCII_WORD = /[A-Za-z0-9_@%+~$\\/:.-]+/g;
const BEYOND_ASCII = /[\u0080-\uffff]/;
/** Without any of these nothing is masked. */
const MASKABLE = /[\d/\\@]/;

export interface TemplateOptions {
  /** also mask what stands between matching quotes (default false): quoted text is mostly a value */
  maskQuoted?: boolean;
}

/** @param message any text; what is beyond 2 000 characters is ignored */
export function messageTemplate(message: string, options: TemplateOptions = {}): string {
  const bounded = message.slice(0, MAX_MESSAGE_LENGTH);
  const text = options.maskQuoted ? maskQuoted(bounded) : bounded;
  if (!BEYOND_ASCII.test(text)) {
    if (!MASKABLE.test(text)) return collapse(text);
    const urls = text.includes("://") ? text.replace(URL_TEXT, "<url>") : text;
    return collapse(urls.replace(ASCII_WORD, maskWord));
  }
  return collapse(text.replace(URL_TEXT, "<url>").replace(WORD, (word) => maskWord(word)));
}

/** The placeholder of one word, or the word itself.
 *  @param word without whitespace, at most as long as the message */
function maskWord(word: string): string {
  const first = word.charCodeAt(0);
  // Letters only: the usual case, and never masked.
  if (!MASKABLE.test(word)) return word;
  const trailing = /[.:,-]$/.exec(word)?.[0] ?? "";
  const core = trailing === "" ? word : word.slice(0, -1);
  if (core === "") return word;
  return (maskCore(core, first) ?? core) + trailing;
}

function maskCore(core: string, first: number): string | null {
  if (/^\d{4}-\d\d-\d\d(?:[T_ ]?\d\d:\d\d.{0,24})?$/.test(core) || /^\d\d:\d\d:\d\d[.\d]*Z?$/.test(core))
    return "<time>";
  if (/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(core)) return "<uuid>";
  if (/^0x[\da-f]+$/i.test(core)) return "<hex>";
  if (/^[a-z][a-z+.-]{1,20}:\/\//i.test(core)) return "<url>";
  if (/^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?$/.test(core)) return "<addr>";
  if (/^[\p{L}\d.-]{1,253}:\d{2,5}$/u.test(core) && /[.\p{L}]/u.test(core))
    return /^[\p{L}]/u.test(core) ? "<addr>" : "<num>";
  if (core.includes("@") && core.indexOf("@") > 0) return "<email>";
  if (first === 47 /* slash */ || /^[A-Za-z]:\\/.test(core) || /^\.{0,2}\/./.test(core))
    return core.length > 1 ? "<path>" : null;
  if (/^[+-]?\d[\d.,_:]*%?$/.test(core)) return "<num>";
  if (/^[+-]?\d[\d.]*(?:ns|us|µs|ms|s|m|h|d|k|b|kb|mb|gb|tb|kib|mib|gib|bytes)$/i.test(core)) return "<num>";
  if (/^[\da-f]{8,}$/i.test(core)) return "<hex>";
  if (/\d/.test(core) && looksLikeId(core)) return "<id>";
  return null;
}

/** Mixed letters and digits with at least as many digits as an identifier has and a name has not: `ord-99182`, `SKU-5`, `a1b2c3`. */
function looksLikeId(core: string): boolean {
  let digits = 0;
  let turns = 0;
  let wasDigit = false;
  for (let i = 0; i < core.length; i++) {
    const code = core.charCodeAt(i);
    const isDigit = code >= 48 && code <= 57;
    if (isDigit) digits++;
    if (i > 0 && isDigit !== wasDigit) turns++;
    wasDigit = isDigit;
  }
  if (/^(?:utf|sha|iso|aes|md)[-_]?\d/i.test(core)) return false;
  if (/^[\p{L}_]+[-_#/]\d{2,}$/u.test(core)) return true;
  return digits >= 4 || turns >= 4;
}

/** Without any, masking what is quoted changes nothing. */
export function hasQuotes(text: string): boolean {
  return /["`']/.test(text);
}

function maskQuoted(text: string): string {
  if (!hasQuotes(text)) return text;
  let out = "";
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '"' || char === "`" || (char === "'" && !isLetter(text[at - 1]))) {
      const end = text.indexOf(char, at + 1);
      // An apostrophe inside a quoted value ends it early; that only makes the placeholder shorter.
      if (end > at && end - at <= 200) {
        out += `${char}<str>${char}`;
        at = end + 1;
        continue;
      }
    }
    out += char;
    at++;
  }
  return out;
}

function isLetter(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}]/u.test(char);
}

function collapse(text: string): string {
  // Single blanks are left alone, which is what most texts have.
  return text.replace(/\s{2,}|[^\S ]/g, " ").trim();
}
