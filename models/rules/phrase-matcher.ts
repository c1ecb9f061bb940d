/** Finds any of many phrases in a text in one pass: the automaton of Aho & Corasick 1975 ("Efficient string matching"), over a small
 *  alphabet. Changed from the paper: transitions are completed into one dense table; a match must begin and end at a word boundary;
 *  and phrases may have several parts with a gap between them. `dropContained` drops a match within a longer one ("lock wait timeout"
 *  is not also a "timeout"). Linear in the text for a fixed set of phrases. */

const ALPHABET = " abcdefghijklmnopqrstuvwxyz0123456789'\".,:;()[]{}/\\<>=+*%&#@!?$|~^";
const OTHER = ALPHABET.length;
const WIDTH = ALPHABET.length + 1;
const MAX_GAP = 120;
const CODES = buildCodes();

export interface PhraseMatch {
  /** index into the phrases that the matcher was made of */
  phrase: number;
  /** half-open span in the normalised text */
  start: number;
  end: number;
}

export interface PhraseMatcher {
  /** @param text normalised (see `normaliseText`)
   *  @returns at most one match a phrase, in no particular order */
  match(text: string): PhraseMatch[];
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

/** @param phrases as in the rule table */
export function createPhraseMatcher(phrases: readonly string[]): PhraseMatcher {
  const parts: { phrase: number; order: number; length: number }[][] = [];
  const partCounts: number[] = [];
  const longest = phrases.reduce((sum, phrase) => sum + phrase.length, 1);
  const next = new Int32Array(longest * WIDTH).fill(-1);
  const newState = (): number => parts.push([]) - 1;
  newState();
  for (const [phrase, text] of phrases.entries()) {
    const pieces = text.split(" * ").map(normaliseText);
    partCounts.push(pieces.length);
    for (const [order, piece] of pieces.entries()) {
      let state = 0;
      for (let i = 0; i < piece.length; i++) {
        const at = state * WIDTH + codeOf(piece, i);
        if (next[at] === -1) next[at] = newState();
        state = next[at]!;
      }
      parts[state]!.push({ phrase, order, length: piece.length });
    }
  }
  const { table, link } = complete(next, parts.length);

  return {
    match(text) {
      const matches = new Map<number, PhraseMatch>();
      const progress = new Map<number, PhraseMatch & { order: number }>();
      let state = 0;
      for (let i = 0; i < text.length; i++) {
        state = table[state * WIDTH + codeOf(text, i)]!;
        for (let hit = state; hit > 0; hit = link[hit]!) {
          for (const part of parts[hit]!) {
            const start = i + 1 - part.length;
            if (!isBoundary(text, start, i + 1) || matches.has(part.phrase)) continue;
            const last = partCounts[part.phrase]! - 1;
            const before = progress.get(part.phrase);
            const follows =
              part.order === 0 ||
              (before?.order === part.order - 1 && start >= before.end && start - before.end <= MAX_GAP);
            if (!follows) continue;
            const match = { phrase: part.phrase, start: part.order === 0 ? start : before!.start, end: i + 1 };
            if (part.order === last) matches.set(part.phrase, match);
            else progress.set(part.phrase, { ...match, order: part.order });
          }
        }
      }
      return [...matches.values()];
    },
  };
}

/** Completes the trie into a table, and links each state to the next shorter suffix that ends a part. */
function complete(next: Int32Array, states: number): { table: Int32Array; link: Int32Array } {
  const table = next.slice(0, states * WIDTH);
  const fail = new Int32Array(states);
  const link = new Int32Array(states);
  const queue: number[] = [];
  for (let code = 0; code < WIDTH; code++) {
    const child = table[code]!;
    if (child === -1) table[code] = 0;
    else queue.push(child);
  }
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head]!;
    link[state] = fail[state]!;
    for (let code = 0; code < WIDTH; code++) {
      const child = table[state * WIDTH + code]!;
      const fallback = table[fail[state]! * WIDTH + code]!;
      if (child === -1) table[state * WIDTH + code] = fallback;
      else {
        fail[child] = fallback;
        queue.push(child);
      }
    }
  }
  return { table, link };
}

/** Keeps what is not within a longer match of another phrase. Long spans (phrases with wide gaps) swallow nothing. */
export function dropContained(matches: readonly PhraseMatch[]): PhraseMatch[] {
  return matches.filter(
    (inner) =>
      !matches.some(
        (outer) =>
          outer.start <= inner.start &&
          inner.end <= outer.end &&
          outer.end - outer.start > inner.end - inner.start &&
          outer.end - outer.start < 60,
      ),
  );
}

function isBoundary(text: string, start: number, end: number): boolean {
  const opens = start === 0 || !(isWord(text, start) && isWord(text, start - 1));
  return opens && (end === text.length || !(isWord(text, end - 1) && isWord(text, end)));
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}

function codeOf(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit < 128 ? CODES[unit]! : OTHER;
}

function buildCodes(): Uint8Array {
  const codes = new Uint8Array(128).fill(OTHER);
  for (let i = 0; i < ALPHABET.length; i++) codes[ALPHABET.charCodeAt(i)] = i;
  return codes;
}
