/** Zstandard's two entropy coders: Huffman codes for literals, finite state entropy for everything else (RFC 8878, section 4).
 *  Both are read backwards, from the last bit of their stream to the first. Reads outside the body give 0, and whoever reads compares the
 *  position with the start of the stream afterwards. */

export class BackwardBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  /** bits that are left; negative once more were read than there are */
  left: number;

  /** @param start of the stream @param end just after its last byte, whose highest set bit marks the end */
  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? (bytes[end - 1] ?? 0) : 0;
    if (last === 0) throw new Error("a bit stream has no end mark");
    this.#bytes = bytes;
    this.#start = start;
    this.left = 8 * (end - start - 1) + (31 - Math.clz32(last));
  }

  /** @param count 0 to 32; bits before the start are 0 */
  read(count: number): number {
    if (count > 24) {
      const high = this.read(count - 16);
      return high * 65_536 + this.read(16);
    }
    this.left -= count;
    return this.#bits(this.left, count);
  }

  /** Like read, but stays where it is. */
  peek(count: number): number {
    return this.#bits(this.left - count, count);
  }

  #bits(at: number, count: number): number {
    if (count === 0) return 0;
    if (at < 0) return at + count <= 0 ? 0 : this.#bits(0, at + count) << -at;
    const index = this.#start + (at >>> 3);
    const bytes = this.#bytes;
    // reads past the end of the body are undefined, which counts as 0
    const word = bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24);
    return (word >>> (at & 7)) & ((1 << count) - 1);
  }
}

/** By state: the symbol, how many bits the next state takes, and what they are added to. */
export interface FseTable {
  accuracyLog: number;
  symbols: Uint8Array;
  bitCounts: Uint8Array;
  baselines: Uint16Array;
}

/** @param counts by symbol: its share of the table's states; -1 is less than one @param accuracyLog the table has 2^accuracyLog states */
export function buildFseTable(counts: ArrayLike<number>, accuracyLog: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  for (let symbol = 0; symbol < counts.length; symbol += 1) {
    if (counts[symbol] !== -1) continue;
    high -= 1;
    symbols[high] = symbol;
    next[symbol] = 1;
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (let symbol = 0; symbol < counts.length; symbol += 1) {
    const count = counts[symbol] ?? 0;
    if (count <= 0) continue;
    next[symbol] = count;
    for (let index = 0; index < count; index += 1) {
      symbols[position] = symbol;
      do position = (position + step) & (size - 1);
      while (position >= high);
    }
  }
  const bitCounts = new Uint8Array(size);
  const baselines = new Uint16Array(size);
  for (let state = 0; state < size; state += 1) {
    const symbol = symbols[state]!;
    const rank = next[symbol]!;
    next[symbol] = rank + 1;
    const bits = accuracyLog - (31 - Math.clz32(rank));
    bitCounts[state] = bits;
    baselines[state] = (rank << bits) - size;
  }
  return { accuracyLog, symbols, bitCounts, baselines };
}

/** A table that gives one symbol and takes no bits. */
export function singleSymbolTable(symbol: number): FseTable {
  return {
    accuracyLog: 0,
    symbols: Uint8Array.of(symbol),
    bitCounts: new Uint8Array(1),
    baselines: new Uint16Array(1),
  };
}

/** Reads a table's description. @param end it must not pass @returns the table and where its description ends */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  { maxLog, maxSymbol }: { maxLog: number; maxSymbol: number },
): { table: FseTable; at: number } {
  let bit = 8 * start;
  const read = (count: number): number => {
    const index = bit >>> 3;
    const word = (bytes[index] ?? 0) | ((bytes[index + 1] ?? 0) << 8) | ((bytes[index + 2] ?? 0) << 16);
    const value = (word >>> (bit & 7)) & ((1 << count) - 1);
    bit += count;
    return value;
  };
  const accuracyLog = read(4) + 5;
  if (accuracyLog > maxLog) throw new Error("a table is too large");
  const counts: number[] = [];
  let remaining = 1 << accuracyLog;
  while (remaining > 0) {
    if (counts.length > maxSymbol) throw new Error("a table has too many symbols");
    // values run from 0 to remaining + 1; the small ones take one bit fewer
    const bits = 32 - Math.clz32(remaining + 1);
    const short = (1 << bits) - 1 - (remaining + 1);
    const mask = (1 << (bits - 1)) - 1;
    let value = read(bits);
    if ((value & mask) < short) {
      bit -= 1;
      value &= mask;
    } else if (value > mask) value -= short;
    const count = value - 1;
    remaining -= Math.abs(count);
    counts.push(count);
    for (let zeros = count === 0 ? 3 : 0; zeros === 3; ) {
      zeros = read(2);
      for (let index = 0; index < zeros; index += 1) counts.push(0);
      if (counts.length > maxSymbol + 1) throw new Error("a table has too many symbols");
    }
  }
  const at = (bit + 7) >>> 3;
  if (remaining < 0 || counts.length > maxSymbol + 1 || at > end) throw new Error("a table is not valid");
  return { table: buildFseTable(counts, accuracyLog), at };
}

/** By the next `maxBits` bits: the symbol, and how many of the bits are its own. */
export interface HuffmanTable {
  maxBits: number;
  symbols: Uint8Array;
  bitCounts: Uint8Array;
}

const MAX_HUFFMAN_BITS = 11;
const MAX_WEIGHTS = 255;

/** @returns the table and where its description ends */
export function readHuffmanTable(bytes: Uint8Array, start: number, end: number): { table: HuffmanTable; at: number } {
  const head = bytes[start] ?? 0;
  const direct = head >= 128 ? head - 127 : 0;
  const at = start + 1 + (direct > 0 ? (direct + 1) >> 1 : head);
  if (at > end) throw new Error("a Huffman table is cut short");
  const weights = direct > 0 ? readDirectWeights(bytes, start + 1, direct) : readFseWeights(bytes, start + 1, at);
  return { table: buildHuffmanTable(weights), at };
}

function readDirectWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const byte = bytes[start + (index >> 1)] ?? 0;
    return index % 2 === 0 ? byte >> 4 : byte & 15;
  });
}

/** Two states take turns over one stream. */
function readFseWeights(bytes: Uint8Array, start: number, end: number): number[] {
  const { table, at } = readFseTable(bytes, start, end, { maxLog: 6, maxSymbol: MAX_HUFFMAN_BITS + 1 });
  const bits = new BackwardBits(bytes, at, end);
  let state = bits.read(table.accuracyLog);
  let other = bits.read(table.accuracyLog);
  if (bits.left < 0) throw new Error("a Huffman table is cut short");
  const weights: number[] = [];
  while (weights.length < MAX_WEIGHTS) {
    weights.push(table.symbols[state]!);
    const next = table.baselines[state]! + bits.read(table.bitCounts[state]!);
    if (bits.left < 0) {
      weights.push(table.symbols[other]!);
      return weights;
    }
    state = other;
    other = next;
  }
  throw new Error("a Huffman table has too many weights");
}

/** A symbol of weight w > 0 has 2^(w-1) entries; the last symbol's weight is what makes their sum a power of two. */
function buildHuffmanTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_HUFFMAN_BITS) throw new Error("a Huffman weight is too large");
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0 || weights.length > MAX_WEIGHTS) throw new Error("a Huffman table is empty or too long");
  const maxBits = 32 - Math.clz32(sum);
  const rest = (1 << maxBits) - sum;
  if (maxBits > MAX_HUFFMAN_BITS || (rest & (rest - 1)) !== 0) throw new Error("Huffman weights do not add up");
  const all = [...weights, 32 - Math.clz32(rest)];
  const symbols = new Uint8Array(1 << maxBits);
  const bitCounts = new Uint8Array(1 << maxBits);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight += 1) {
    for (let symbol = 0; symbol < all.length; symbol += 1) {
      if (all[symbol] !== weight) continue;
      const entries = 1 << (weight - 1);
      symbols.fill(symbol, at, at + entries);
      bitCounts.fill(maxBits + 1 - weight, at, at + entries);
      at += entries;
    }
  }
  return { maxBits, symbols, bitCounts };
}
