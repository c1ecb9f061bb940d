/** Which words, types and codes a model has met: a Bloom filter (Bloom 1970; two hashes make all of them, Kirsch & Mitzenmacher 2006), small
 *  enough to travel in a manifest. It may take a new word for a known one (about 1 in 100), never the other way round. */
import { hash32 } from "../classifier/hashing.ts";

export interface TokenVocabulary {
  /** number of bits, a multiple of 8 */
  size: number;
  hashes: number;
  /** base64 of size / 8 bytes */
  bits: string;
}

export interface VocabularyReader {
  has(name: string): boolean;
}

const BITS_PER_TOKEN = 10;
const HASHES = 7;
const SEEDS = [0x766f6361, 0x62756c61] as const;

export function fitVocabulary(names: ReadonlySet<string>): TokenVocabulary {
  const size = Math.max(64, Math.ceil((names.size * BITS_PER_TOKEN) / 8) * 8);
  const bytes = new Uint8Array(size / 8);
  for (const name of names) {
    for (const bit of bitsOf(name, size, HASHES)) bytes[bit >> 3]! |= 1 << (bit & 7);
  }
  return { size, hashes: HASHES, bits: toBase64(bytes) };
}

export function readVocabulary({ size, hashes, bits }: TokenVocabulary): VocabularyReader {
  const bytes = Uint8Array.from(atob(bits), (character) => character.charCodeAt(0));
  return { has: (name) => bitsOf(name, size, hashes).every((bit) => (bytes[bit >> 3]! & (1 << (bit & 7))) !== 0) };
}

function bitsOf(name: string, size: number, hashes: number): number[] {
  const [first, second] = [hash32(name, SEEDS[0]), hash32(name, SEEDS[1]) | 1];
  return Array.from({ length: hashes }, (_, index) => (first + Math.imul(index, second >>> 0)) >>> 0).map(
    (hash) => hash % size,
  );
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
