/** Counts tokens by name without writing the names out: a token is hashed from its parts, found again by that hash in a table with open
 *  addressing (Knuth, The Art of Computer Programming vol. 3, section 6.4, linear probing), and compared by its parts, so that two
 *  names of one hash stay two tokens. Names are made only for tokens that are shown. */
import { finishHash, mixText, mixUnit } from "./hashing.ts";

const SEED = 0x48415242;
const MAX_COUNT = 2;
const FIRST_TOKENS = 256;
const BLANK = 32;
const UNDERSCORE = 95;

/** What stands before the text of a token, and what it says of the error. */
const PREFIXES = {
  "type=": "type=",
  type: "type:",
  "outer-type=": "outer-type=",
  "outer-type": "outer-type:",
  package: "package:",
  word: "word:",
  char: "char:",
  code: "code:",
  frame: "frame:",
  library: "library:",
  outer: "outer:",
  context: "context:",
} as const;

export type TokenKind = keyof typeof PREFIXES;

/** Hash of each prefix alone, to go on from. */
const STARTS = Object.fromEntries(
  Object.entries(PREFIXES).map(([kind, prefix]) => [kind, mixText(SEED, prefix)]),
) as Record<TokenKind, number>; // Object.entries forgets the keys' type.

/** How the parts of a token make its text. */
const ONE = -1;
const PAIR = -2;
const AROUND = -3;

/** Names of the tokens of one error, by their number. */
export interface TokenNames {
  kindOf(token: number): TokenKind;
  /** made on demand: most tokens are never shown */
  nameOf(token: number): string;
}

/** One of these can count for many errors, one after the other: what it holds is used again after `clear`. */
export class TokenCounts implements TokenNames {
  /** tokens so far */
  size = 0;
  /** sums by token, at most 2, in the order in which tokens were first met; beyond `size` of no meaning, as in all of these */
  counts = new Float64Array(FIRST_TOKENS);
  /** of the names, in [0, 2^32) */
  hashes = new Uint32Array(FIRST_TOKENS);
  #familyStart = 0;
  readonly #kinds: TokenKind[] = [];
  readonly #lefts: string[] = [];
  readonly #rights: string[] = [];
  /** ONE, PAIR, AROUND, or where a part begins in its text */
  #shapes = new Int32Array(FIRST_TOKENS);
  #lengths = new Int32Array(FIRST_TOKENS);
  /** Number of a token and 1; 0 where there is none. Twice as many as tokens fit, a power of two. */
  #slots = new Int32Array(2 * FIRST_TOKENS);

  clear(): void {
    this.size = 0;
    this.#familyStart = 0;
    this.#slots.fill(0);
  }

  /** Tokens that are added from here on are others than those before, also under the same name. */
  startFamily(): void {
    this.#familyStart = this.size;
  }

  /** `kind:text` */
  add(kind: TokenKind, text: string, by: number): void {
    const length = PREFIXES[kind].length + text.length;
    this.#bump(finishHash(mixText(STARTS[kind], text), length), kind, text, "", ONE, length, by);
  }

  /** `kind:left right` */
  addPair(kind: TokenKind, left: string, right: string, by: number): void {
    const length = PREFIXES[kind].length + left.length + 1 + right.length;
    const hash = mixText(mixUnit(mixText(STARTS[kind], left), BLANK), right);
    this.#bump(finishHash(hash, length), kind, left, right, PAIR, length, by);
  }

  /** `kind:left _ right` */
  addAround(kind: TokenKind, left: string, right: string, by: number): void {
    const length = PREFIXES[kind].length + left.length + 3 + right.length;
    const between = mixUnit(mixUnit(mixUnit(mixText(STARTS[kind], left), BLANK), UNDERSCORE), BLANK);
    this.#bump(finishHash(mixText(between, right), length), kind, left, right, AROUND, length, by);
  }

  /** `kind:` and `size` characters of a text */
  addPart(kind: TokenKind, text: string, at: number, size: number, by: number): void {
    let hash = STARTS[kind];
    for (let i = at; i < at + size; i++) hash = mixUnit(hash, text.charCodeAt(i));
    const length = PREFIXES[kind].length + size;
    this.#bump(finishHash(hash, length), kind, text, "", at, length, by);
  }

  kindOf(token: number): TokenKind {
    return this.#kinds[token]!;
  }

  nameOf(token: number): string {
    const [prefix, left, right] = [PREFIXES[this.#kinds[token]!], this.#lefts[token]!, this.#rights[token]!];
    const shape = this.#shapes[token]!;
    if (shape === ONE) return prefix + left;
    if (shape === PAIR) return `${prefix}${left} ${right}`;
    if (shape === AROUND) return `${prefix}${left} _ ${right}`;
    return prefix + left.slice(shape, shape + this.#lengths[token]! - prefix.length);
  }

  #bump(hash: number, kind: TokenKind, left: string, right: string, shape: number, length: number, by: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let held = slots[slot]!; held !== 0; held = slots[slot]!) {
      const token = held - 1;
      if (this.hashes[token] === hash && this.#isSame(token, kind, left, right, shape, length)) {
        this.counts[token] = Math.min(this.counts[token]! + by, MAX_COUNT);
        return;
      }
      slot = (slot + 1) & mask;
    }
    const token = this.size++;
    slots[slot] = token + 1;
    this.counts[token] = by;
    this.hashes[token] = hash;
    this.#kinds[token] = kind;
    this.#lefts[token] = left;
    this.#rights[token] = right;
    this.#shapes[token] = shape;
    this.#lengths[token] = length;
    if (this.size === this.counts.length) this.#grow();
  }

  #isSame(token: number, kind: TokenKind, left: string, right: string, shape: number, length: number): boolean {
    if (token < this.#familyStart || this.#kinds[token] !== kind || this.#lengths[token] !== length) return false;
    const own = this.#shapes[token]!;
    if (shape < 0) return own === shape && this.#lefts[token] === left && this.#rights[token] === right;
    if (own < 0) return false;
    const text = this.#lefts[token]!;
    const size = length - PREFIXES[kind].length;
    for (let i = 0; i < size; i++) if (text.charCodeAt(own + i) !== left.charCodeAt(shape + i)) return false;
    return true;
  }

  #grow(): void {
    const room = 2 * this.counts.length;
    this.counts = grown(this.counts, new Float64Array(room));
    this.hashes = grown(this.hashes, new Uint32Array(room));
    this.#shapes = grown(this.#shapes, new Int32Array(room));
    this.#lengths = grown(this.#lengths, new Int32Array(room));
    this.#slots = new Int32Array(2 * room);
    const mask = this.#slots.length - 1;
    for (let token = 0; token < this.size; token++) {
      let slot = this.hashes[token]! & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = token + 1;
    }
  }
}

function grown<Numbers extends Float64Array | Uint32Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
