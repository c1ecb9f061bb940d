/** Finds any of many phrases in a text in one pass: the automaton of Aho & Corasick 1975 ("Efficient string matching"), over the
 *  characters that occur in the phrases. Changed from the paper: states with several ways on hold a completed row of transitions and all
 *  others only their way on and their failure, so that what a text visits fits into a processor's cache; a match must begin and
 *  end at a word boundary; and phrases may have several parts (`phrase-pattern.ts`), of which the last place of each is kept.
 *  `dropContained` drops a match within a longer one ("lock wait timeout" is not also a "timeout"). Linear in the text for a fixed set of
 *  phrases. */
import { type PhrasePart, parsePhrase } from "./phrase-pattern.ts";

const MAX_GAP = 60;
/** Column of every character that no phrase holds. */
const OTHER = 0;

export interface PhraseMatch {
  /** index into the phrases that the matcher was made of */
  phrase: number;
  /** half-open span in the normalised text */
  start: number;
  end: number;
  /** characters of its own words, without gaps */
  length: number;
}

export interface PhraseMatcher {
  /** @param text normalised (see `normaliseText`)
   *  @returns at most one match a phrase, in no particular order */
  match(text: string): PhraseMatch[];
}

/** A text of the automaton, as a part of a phrase. */
interface Ending {
  phrase: number;
  /** numbers the parts of all phrases; the part before it has the slot before it */
  slot: number;
  place: "only" | "first" | "middle" | "last";
  follows: PhrasePart["follows"];
  length: number;
  /** written with a `*` behind it: the word may go on */
  isOpen: boolean;
}

interface Trie {
  /** per state, what ends there */
  endings: Ending[][];
  /** per state, the next one by character code */
  children: Map<number, number>[];
  slots: number;
}

/** @param phrases as in the rule table */
export function createPhraseMatcher(phrases: readonly string[]): PhraseMatcher {
  const trie = breadthFirst(buildTrie(phrases));
  const { endings, slots } = trie;
  const automaton = complete(trie);
  const { link } = automaton;
  // Most states end nothing.
  const speaks = Uint8Array.from(endings, (own, state) => (own.length > 0 || link[state]! > 0 ? 1 : 0));
  // Where each part was last seen, and in which call.
  const starts = new Int32Array(slots);
  const ends = new Int32Array(slots);
  const lengths = new Int32Array(slots);
  const seenIn = new Uint32Array(slots);
  let call = 0;

  return {
    match(text) {
      call = (call + 1) >>> 0 || 1;
      const matches = new Map<number, PhraseMatch>();
      const found: number[] = [];
      let state = 0;
      for (let i = 0; i < text.length; i++) {
        state = step(automaton, state, text.charCodeAt(i));
        if (speaks[state] === 0) continue;
        const end = i + 1;
        const isClosed = closes(text, end);
        for (let hit = state; hit > 0; hit = link[hit]!) {
          for (const { phrase, slot, place, follows, length: own, isOpen } of endings[hit]!) {
            let length = own;
            let start = end - length;
            if (!(isOpen || isClosed) || !opens(text, start)) continue;
            if (place === "only") {
              if (!matches.has(phrase)) matches.set(phrase, { phrase, start, end, length });
              continue;
            }
            if (place !== "first") {
              if (seenIn[slot - 1] !== call || !isJoined(text, ends[slot - 1]!, start, follows)) continue;
              start = starts[slot - 1]!;
              length += lengths[slot - 1]!;
            }
            if (place === "last") {
              if (!matches.has(phrase)) matches.set(phrase, { phrase, start, end, length });
            } else found.push(slot, start, length);
          }
        }
        if (found.length === 0) continue;
        // Kept only now: what ends here cannot come before what ends here too.
        for (let at = 0; at < found.length; at += 3) {
          const slot = found[at]!;
          starts[slot] = found[at + 1]!;
          lengths[slot] = found[at + 2]!;
          ends[slot] = end;
          seenIn[slot] = call;
        }
        found.length = 0;
      }
      return [...matches.values()];
    },
  };
}

function buildTrie(phrases: readonly string[]): Trie {
  const endings: Ending[][] = [[]];
  const children: Map<number, number>[] = [new Map()];
  let slots = 0;
  const stateOf = (text: string): number => {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      let child = children[state]!.get(unit);
      if (child === undefined) {
        child = children.push(new Map()) - 1;
        endings.push([]);
        children[state]!.set(unit, child);
      }
      state = child;
    }
    return state;
  };
  for (const [phrase, written] of phrases.entries()) {
    const parts = parsePhrase(written);
    for (const [order, { texts, follows }] of parts.entries()) {
      const place =
        parts.length === 1 ? "only" : order === 0 ? "first" : order === parts.length - 1 ? "last" : "middle";
      const slot = slots++;
      for (const { text, isOpen } of texts)
        endings[stateOf(text)]!.push({ phrase, slot, place, follows, length: text.length, isOpen });
    }
  }
  return { endings, children, slots };
}

/** Numbers the states by their distance from the start: most of a text is spent near it, so these rows of the table stay in the
 *  processor's cache. */
function breadthFirst({ endings, children, slots }: Trie): Trie {
  const order = [0];
  const numbers = new Int32Array(children.length);
  for (let head = 0; head < order.length; head++) {
    for (const child of children[order[head]!]!.values()) numbers[child] = order.push(child) - 1;
  }
  return {
    endings: order.map((state) => endings[state]!),
    children: order.map((state) => new Map([...children[state]!].map(([unit, child]) => [unit, numbers[child]!]))),
    slots,
  };
}

interface Automaton {
  /** per state, the character of its only way on, or NONE */
  onlyUnit: Int32Array;
  onlyState: Int32Array;
  /** per state, where to go on looking when that is not the next character */
  fail: Int32Array;
  /** per state, its row among the transitions, or NONE for a state with at most one way on */
  row: Int32Array;
  /** shape [rows, columns], completed: no failure is followed from here */
  transitions: Int32Array;
  columns: Columns;
  /** per state, the next shorter suffix that ends a text */
  link: Int32Array;
}

const NONE = -1;

/** Every way back ends at the start, which has a row. */
function step({ onlyUnit, onlyState, fail, row, transitions, columns }: Automaton, from: number, unit: number): number {
  let state = from;
  for (;;) {
    const own = row[state]!;
    if (own !== NONE) return transitions[own * columns.width + columnOf(columns, unit)]!;
    if (onlyUnit[state] === unit) return onlyState[state]!;
    state = fail[state]!;
  }
}

/** Of each character in a row. */
interface Columns {
  ascii: Uint8Array;
  further: ReadonlyMap<number, number>;
  width: number;
}

function columnOf({ ascii, further }: Columns, unit: number): number {
  return unit < 128 ? ascii[unit]! : (further.get(unit) ?? OTHER);
}

function columnsOf(units: readonly number[]): Columns {
  const ascii = new Uint8Array(128).fill(OTHER);
  const further = new Map<number, number>();
  for (const [index, unit] of units.entries()) {
    if (unit < 128) ascii[unit] = index + 1;
    else further.set(unit, index + 1);
  }
  return { ascii, further, width: units.length + 1 };
}

function complete({ children, endings }: Trie): Automaton {
  const units = [...new Set(children.flatMap((own) => [...own.keys()]))];
  const columns = columnsOf(units);
  const hasRow = children.map((own, state) => state === 0 || own.size > 1);
  const size = children.length;
  const automaton: Automaton = {
    onlyUnit: new Int32Array(size).fill(NONE),
    onlyState: new Int32Array(size),
    fail: new Int32Array(size),
    row: new Int32Array(size).fill(NONE),
    transitions: new Int32Array(hasRow.filter(Boolean).length * columns.width),
    columns,
    link: new Int32Array(size),
  };
  const { fail, row, link } = automaton;
  let rows = 0;
  // States are numbered so that shorter ones come first.
  for (const [state, own] of children.entries()) {
    const shorter = fail[state]!;
    link[state] = endings[shorter]!.length > 0 ? shorter : link[shorter]!;
    for (const [unit, child] of own) {
      if (state > 0) fail[child] = step(automaton, shorter, unit);
      automaton.onlyUnit[state] = unit;
      automaton.onlyState[state] = child;
    }
    if (!hasRow[state]) continue;
    const from = rows * columns.width;
    for (const unit of units) {
      const next = own.get(unit) ?? (state > 0 ? step(automaton, shorter, unit) : 0);
      automaton.transitions[from + columnOf(columns, unit)] = next;
    }
    row[state] = rows++;
  }
  return automaton;
}

/** Keeps what is not within a match that has more words of its own. Long spans swallow nothing.
 *  @param mayDrop false for pairs that do not contradict each other */
export function dropContained(
  matches: readonly PhraseMatch[],
  mayDrop: (outer: PhraseMatch, inner: PhraseMatch) => boolean = () => true,
): PhraseMatch[] {
  return matches.filter(
    (inner) =>
      !matches.some(
        (outer) =>
          outer.start <= inner.start &&
          inner.end <= outer.end &&
          outer.length > inner.length &&
          outer.end - outer.start < 60 &&
          mayDrop(outer, inner),
      ),
  );
}

/** A gap is bounded, and stays within one part of the text. */
function isJoined(text: string, from: number, to: number, follows: Ending["follows"]): boolean {
  if (to < from || to - from > MAX_GAP) return false;
  const between = text.slice(from, to);
  if (follows === "later") return !between.includes("|");
  // What is left of a word with an open end, and the blank behind it.
  return between.indexOf(" ") === between.length - 1;
}

/** Letters begin a word behind a digit too: `30s`, `512MB`. */
function opens(text: string, start: number): boolean {
  if (start === 0 || !isWord(text, start) || !isWord(text, start - 1)) return true;
  return isDigit(text, start - 1) && !isDigit(text, start);
}

function closes(text: string, end: number): boolean {
  return end === text.length || !(isWord(text, end - 1) && isWord(text, end));
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code >= 0xc0;
}
