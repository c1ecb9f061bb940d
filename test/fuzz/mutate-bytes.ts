/** Damages that know nothing of what the bytes mean. */

/** @returns a number in [0, 1) */
export type Random = () => number;

export type Mutation = (body: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

/** @returns a whole number in [0, bound) */
export const below = (random: Random, bound: number): number => Math.floor(random() * bound);
export const oneOf = <T>(random: Random, values: readonly T[]): T => {
  const value = values[below(random, values.length)];
  if (value === undefined) throw new Error("nothing to choose from");
  return value;
};

export function concat(...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

/** @returns [start, end) within the body */
export function range(random: Random, length: number, maxLength = length): [number, number] {
  const start = below(random, length + 1);
  return [start, Math.min(length, start + below(random, maxLength + 1))];
}

const EDGE_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x22, 0x5c, 0x7b, 0x5b];

export const byteMutations: Readonly<Record<string, Mutation>> = {
  "bits flipped": (body, _other, random) => {
    const copy = Uint8Array.from(body);
    for (let edit = below(random, 6); edit >= 0 && copy.length > 0; edit -= 1) {
      const at = below(random, copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
    }
    return copy;
  },
  "bytes replaced": (body, _other, random) => {
    const copy = Uint8Array.from(body);
    for (let edit = below(random, 6); edit >= 0 && copy.length > 0; edit -= 1) {
      copy[below(random, copy.length)] = random() < 0.5 ? oneOf(random, EDGE_BYTES) : below(random, 256);
    }
    return copy;
  },
  "cut short": (body, _other, random) => body.slice(0, below(random, body.length + 1)),
  "beginning lost": (body, _other, random) => body.slice(below(random, body.length + 1)),
  "middle lost": (body, _other, random) => {
    const [start, end] = range(random, body.length, 64);
    return concat(body.subarray(0, start), body.subarray(end));
  },
  "part doubled": (body, _other, random) => {
    const [start, end] = range(random, body.length, 512);
    return concat(body.subarray(0, end), body.subarray(start, end), body.subarray(end));
  },
  "sent twice in one": (body) => concat(body, body),
  "spliced with another": (body, other, random) =>
    concat(body.subarray(0, below(random, body.length + 1)), other.subarray(below(random, other.length + 1))),
  "another put inside": (body, other, random) => {
    const at = below(random, body.length + 1);
    const [start, end] = range(random, other.length, 512);
    return concat(body.subarray(0, at), other.subarray(start, end), body.subarray(at));
  },
  "noise put inside": (body, _other, random) => {
    const at = below(random, body.length + 1);
    const noise = Array.from({ length: 1 + below(random, 16) }, () => below(random, 256));
    return concat(body.subarray(0, at), noise, body.subarray(at));
  },
  "filled with one byte": (body, _other, random) => {
    const copy = Uint8Array.from(body);
    copy.fill(oneOf(random, EDGE_BYTES), ...range(random, copy.length));
    return copy;
  },
};
