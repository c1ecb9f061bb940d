/** The sequences of a compressed Zstandard block (RFC 8878, sections 3.1.1.3.2 and 3.1.1.4): each copies some literals and then a match
 *  from what was written before. */
import { BackwardBits, buildFseTable, type FseTable, readFseTable, singleSymbolTable } from "./entropy.ts";
import type { FrameState, Output, SequenceTables } from "./frame-state.ts";

interface Code {
  maxLog: number;
  maxSymbol: number;
  predefined: FseTable;
}

const repeat = (value: number, times: number): number[] => Array<number>(times).fill(value);

/** Tables of section 3.1.1.3.2.1.1 and appendix A. */
const CODES: Readonly<Record<keyof SequenceTables, Code>> = {
  literalLengths: {
    maxLog: 9,
    maxSymbol: 35,
    predefined: buildFseTable(
      [4, 3, ...repeat(2, 11), ...repeat(1, 3), ...repeat(2, 9), 3, 2, ...repeat(1, 5), ...repeat(-1, 4)],
      6,
    ),
  },
  offsets: {
    maxLog: 8,
    maxSymbol: 31,
    predefined: buildFseTable([...repeat(1, 6), 2, 2, 2, ...repeat(1, 15), ...repeat(-1, 5)], 5),
  },
  matchLengths: {
    maxLog: 9,
    maxSymbol: 52,
    predefined: buildFseTable([1, 4, 3, ...repeat(2, 6), ...repeat(1, 37), ...repeat(-1, 7)], 6),
  },
};

const LITERAL_LENGTH_BITS = [...repeat(0, 16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_LENGTH_BITS = [...repeat(0, 32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const LITERAL_LENGTH_BASES = basesOf(LITERAL_LENGTH_BITS, 0);
const MATCH_LENGTH_BASES = basesOf(MATCH_LENGTH_BITS, 3);
/** a longer offset would pass every window that is allowed */
const MAX_OFFSET_BITS = 30;

/** from here on a call costs less than a loop */
const LONG_MATCH_BYTES = 32;

const MODE_PREDEFINED = 0;
const MODE_RLE = 1;
const MODE_COMPRESSED = 2;

/** Writes the block's output. @param start of the section in the block, which ends at `end` */
export function readSequences(
  body: Uint8Array,
  start: number,
  end: number,
  state: FrameState,
  literals: Uint8Array,
  output: Output,
): void {
  const { count, at } = readCount(body, start, end);
  if (count === 0) {
    if (at !== end) throw new Error("a block goes on after its end");
    output.bytes.set(literals, output.size);
    output.size += literals.length;
    return;
  }
  const streamAt = readTables(body, at, end, state);
  const { literalLengths, offsets, matchLengths } = state.tables as SequenceTables; // readTables has set all three
  const bits = new BackwardBits(body, streamAt, end);
  let literalState = bits.read(literalLengths.accuracyLog);
  let offsetState = bits.read(offsets.accuracyLog);
  let matchState = bits.read(matchLengths.accuracyLog);
  const { bytes } = output;
  const limit = output.size + state.frame.maxBlockBytes;
  let to = output.size;
  let from = 0;
  for (let sequence = 0; sequence < count; sequence += 1) {
    const offsetCode = offsets.symbols[offsetState]!;
    const matchCode = matchLengths.symbols[matchState]!;
    const literalCode = literalLengths.symbols[literalState]!;
    if (offsetCode > MAX_OFFSET_BITS) throw new Error("an offset is too long");
    const offsetValue = 2 ** offsetCode + bits.read(offsetCode);
    const matchLength = MATCH_LENGTH_BASES[matchCode]! + bits.read(MATCH_LENGTH_BITS[matchCode]!);
    const literalLength = LITERAL_LENGTH_BASES[literalCode]! + bits.read(LITERAL_LENGTH_BITS[literalCode]!);
    const offset = resolveOffset(offsetValue, literalLength, state.offsets);
    if (sequence + 1 < count) {
      literalState = literalLengths.baselines[literalState]! + bits.read(literalLengths.bitCounts[literalState]!);
      matchState = matchLengths.baselines[matchState]! + bits.read(matchLengths.bitCounts[matchState]!);
      offsetState = offsets.baselines[offsetState]! + bits.read(offsets.bitCounts[offsetState]!);
    }
    // nothing is copied before it is known to fit
    if (bits.left < 0 || from + literalLength > literals.length || to + literalLength + matchLength > limit) {
      throw new Error("a sequence is not valid");
    }
    for (const stop = from + literalLength; from < stop; ) bytes[to++] = literals[from++]!;
    if (!(offset > 0) || offset > to - state.outputAt || offset > state.frame.windowBytes) {
      throw new Error("an offset points outside the window");
    }
    if (matchLength >= LONG_MATCH_BYTES && offset >= matchLength) {
      bytes.copyWithin(to, to - offset, to - offset + matchLength);
      to += matchLength;
    } else {
      // a match may overlap what it writes
      for (const stop = to + matchLength; to < stop; to += 1) bytes[to] = bytes[to - offset]!;
    }
  }
  const rest = literals.length - from;
  if (bits.left !== 0 || to + rest > limit) throw new Error("a block has the wrong length");
  bytes.set(literals.subarray(from), to);
  output.size = to + rest;
}

function readCount(body: Uint8Array, start: number, end: number): { count: number; at: number } {
  const [first = 0, second = 0, third = 0] = body.subarray(start, end);
  const bytes = first < 128 ? 1 : first < 255 ? 2 : 3;
  if (start + bytes > end) throw new Error("a block is cut short");
  if (first < 128) return { count: first, at: start + 1 };
  if (first < 255) return { count: ((first - 128) << 8) + second, at: start + 2 };
  return { count: second + (third << 8) + 0x7f00, at: start + 3 };
}

/** @returns where the tables' descriptions end */
function readTables(body: Uint8Array, start: number, end: number, { tables }: FrameState): number {
  const modes = body[start] ?? 0;
  if (start >= end || (modes & 3) !== 0) throw new Error("a block has no valid table modes");
  let at = start + 1;
  const kinds = [
    ["literalLengths", modes >> 6],
    ["offsets", (modes >> 4) & 3],
    ["matchLengths", (modes >> 2) & 3],
  ] as const;
  for (const [kind, mode] of kinds) {
    const code = CODES[kind];
    if (mode === MODE_PREDEFINED) tables[kind] = code.predefined;
    else if (mode === MODE_RLE) {
      const symbol = body[at] ?? 0;
      if (at >= end || symbol > code.maxSymbol) throw new Error("a table has no valid symbol");
      tables[kind] = singleSymbolTable(symbol);
      at += 1;
    } else if (mode === MODE_COMPRESSED) {
      const read = readFseTable(body, at, end, code);
      tables[kind] = read.table;
      at = read.at;
    } else if (tables[kind] === undefined) throw new Error("there is no earlier table");
  }
  return at;
}

/** Values up to 3 stand for one of the last three offsets, and mean another one when no literal comes before the match. */
function resolveOffset(value: number, literalLength: number, last: FrameState["offsets"]): number {
  if (value > 3) {
    last[2] = last[1];
    last[1] = last[0];
    last[0] = value - 3;
    return last[0];
  }
  const index = value - 1 + (literalLength === 0 ? 1 : 0);
  if (index === 0) return last[0];
  const offset = index === 3 ? last[0] - 1 : last[index]!;
  if (index > 1) last[2] = last[1];
  last[1] = last[0];
  last[0] = offset;
  return offset;
}

function basesOf(bitCounts: readonly number[], first: number): number[] {
  let base = first;
  return bitCounts.map((bits) => {
    const own = base;
    base += 2 ** bits;
    return own;
  });
}
