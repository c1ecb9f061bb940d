/** What a phrase of the rule table means:
 *
 *      connection reset            these words; blanks also match `_` and `-`
 *      {cannot,could not} connect  either of these; `{the ,}` is `the ` or nothing
 *      column * missing            with up to 60 characters between
 *      deadlock*                   a word that begins so
 *
 *  Parts that follow each other are matched one by one, so alternatives add up and do not multiply. */

export interface PhrasePart {
  /** lower-case texts, any of which will do */
  texts: readonly { text: string; isOpen: boolean }[];
  /** how it follows the part before it: at once, or with words between */
  follows: "next" | "later";
}

/** Texts that a part may have before it is cut at a blank. */
const MANY_TEXTS = 48;
/** Readings that a phrase may have between two blanks. */
const MAX_ALTERNATIVES = 1_000;

/** @returns at least one part for a phrase that is not blank */
export function parsePhrase(phrase: string): PhrasePart[] {
  const parts: PhrasePart[] = [];
  let words: string[] = [];
  let follows: PhrasePart["follows"] = "later";
  const finish = (next: PhrasePart["follows"]): void => {
    const texts = alternatives(words.join(" ")).map((text) => ({
      text: normaliseText(text.replace(/\*$/, "")),
      isOpen: text.endsWith("*"),
    }));
    if (words.length > 0) parts.push({ texts, follows });
    words = [];
    follows = next;
  };
  for (const word of splitWords(phrase)) {
    if (word === "*") {
      finish("later");
      continue;
    }
    const grown = countAlternatives([...words, word].join(" "));
    if (words.length > 0 && grown > MANY_TEXTS) finish("next");
    words.push(word);
    if (word.includes("*")) finish("next");
  }
  finish("next");
  return parts;
}

/** @returns what keeps a phrase from matching anything, or makes it match everything; null when it is sound */
export function phraseProblem(phrase: string): string | null {
  if (!/^[^{}]*(?:\{[^{}]*\}[^{}]*)*$/.test(phrase)) return "braces must come in pairs, and not within each other";
  if (/\{[^}]*(?:[\s{,]\*|\*[^,}])[^}]*\}/.test(phrase)) return "within braces, * stands only at the end of a word";
  if (splitWords(phrase).some((word) => countAlternatives(word) > MAX_ALTERNATIVES))
    return `it has more than ${MAX_ALTERNATIVES} readings between two blanks`;
  const parts = parsePhrase(phrase);
  if (parts.length === 0 || parts.some(({ texts }) => texts.some(({ text }) => !/[\p{L}\p{N}]/u.test(text))))
    return "every part needs a letter or a digit";
  return null;
}

/** Texts that a phrase matches, with each of its alternatives about as often as the others.
 *  @param count at most so many */
export function readingsOf(phrase: string, count: number): string[] {
  const parts = parsePhrase(phrase);
  const most = Math.max(...parts.map(({ texts }) => texts.length));
  const readings = Array.from({ length: Math.min(most, count) }, (_, reading) =>
    parts
      .map(({ texts, follows }, order) => {
        const { text } = texts[Math.floor((reading * texts.length) / Math.min(most, count)) % texts.length]!;
        return order > 0 && follows === "later" ? `that ${text}` : text;
      })
      .join(" "),
  );
  return [...new Set(readings)];
}

/** Every reading of a text with braces. */
function alternatives(text: string): string[] {
  const open = text.indexOf("{");
  const close = text.indexOf("}", open);
  if (open === -1 || close === -1) return [text.replace(/ {2,}/g, " ").trim()];
  const head = text.slice(0, open);
  const tails = alternatives(`|${text.slice(close + 1)}|`).map((tail) => tail.slice(1, -1));
  return text
    .slice(open + 1, close)
    .split(",")
    .flatMap((choice) => tails.map((tail) => `${head}${choice}${tail}`.replace(/ {2,}/g, " ").trim()));
}

/** Lower case; runs of blanks, `_` and `-` become one blank; typographic quotes become plain ones. */
export function normaliseText(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s_\u2010-\u2015-]+/g, " ")
    .replace(/[\u2018\u2019`\u00b4]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .trim();
}

/** At blanks, but not at those within braces. */
function splitWords(phrase: string): string[] {
  const words: string[] = [];
  let word = "";
  let depth = 0;
  for (const character of phrase) {
    if (character === "{") depth++;
    if (character === "}") depth--;
    if (character === " " && depth === 0) {
      if (word !== "") words.push(word);
      word = "";
    } else word += character;
  }
  if (word !== "") words.push(word);
  return words;
}

function countAlternatives(text: string): number {
  let count = 1;
  for (const [group] of text.matchAll(/\{[^}]*\}/g)) count *= group.split(",").length;
  return count;
}
