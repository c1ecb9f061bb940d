/** MurmurHash3 (Appleby 2011, x86 32-bit) over UTF-16 code units. Changed from the source: units are mixed in one by one instead
 *  of four bytes at a time, so no byte buffer is needed; the finaliser is the original. Stable across platforms and versions:
 *  fingerprints and model features depend on it. */
export function hash32(text: string, seed: number): number {
  return finishHash(mixText(seed | 0, text), text.length);
}

/** Hashes in parts: `finishHash(mixText(mixText(seed, "ab"), "c"), 3)` is `hash32("abc", seed)`. */
export function mixText(state: number, text: string): number {
  let hash = state;
  for (let i = 0; i < text.length; i++) hash = mixUnit(hash, text.charCodeAt(i));
  return hash;
}

/** @param code of one UTF-16 unit */
export function mixUnit(state: number, code: number): number {
  let unit = Math.imul(code, 0xcc9e2d51);
  unit = (unit << 15) | (unit >>> 17);
  let hash = state ^ Math.imul(unit, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  return (Math.imul(hash, 5) + 0xe6546b64) | 0;
}

/** @param length units that were mixed in   @returns in [0, 2^32) */
export function finishHash(state: number, length: number): number {
  let hash = state ^ length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 96 bits as 24 hex digits: enough that different error groups do not share an id by accident. */
export function hashHex(text: string): string {
  return [0x51ed270b, 0x2545f491, 0x7f4a7c15].map((seed) => hash32(text, seed).toString(16).padStart(8, "0")).join("");
}
