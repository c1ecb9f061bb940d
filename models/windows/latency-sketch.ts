/** Quantiles of durations in bounded space, mergeable without loss: DDSketch (Masson, Rim & Lee 2019, "DDSketch: a fast and
 *  fully-mergeable quantile sketch with relative-error guarantees", sections 2.1 and 2.3), with the logarithmic mapping.
 *
 *  Changed from the paper and from @datadog/sketches-js, against which the tests check every quantile:
 *  - durations are bounded (exact-sum.ts), which bounds the bins at about 1 900, so nothing is ever collapsed: merging is exact,
 *    and its result does not depend on the order or on who merged what first;
 *  - bins are sparse and the encoding is canonical text, because most sketches travel in queue jobs and hold a few values
 *    (the library's protobuf spends 8 bytes on each empty bin between two values, and its padding depends on the order):
 *
 *      <zero count>;<key>[*<count>],<gap>[*<count>],…     keys ascending, each as the gap from the key before, "*1" left out
 *      0;231*4,1,12*2                                      4 values in bin 231, 1 in bin 232, 2 in bin 244 */

/** Quantiles are within 1 % of the true value. */
export const RELATIVE_ACCURACY = 0.01;
const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const KEYS_PER_LOG = 1 / Math.log(GAMMA);

const SEMICOLON = 59;
const COMMA = 44;
const STAR = 42;
const MINUS = 45;
const ZERO = 48;

/** Bins in ascending order of key; `keys` and `counts` have the same length. */
export interface LatencySketch {
  zeroCount: number;
  keys: number[];
  counts: number[];
}

/** @param durationMs positive */
export function latencyKey(durationMs: number): number {
  // not -0, which a sorted list of keys would tell from 0
  return Math.ceil(Math.log(durationMs) * KEYS_PER_LOG) + 0;
}

/** @param keys one for each value, as `latencyKey` gives them, in any order */
export function sketchOfKeys(keys: readonly number[]): LatencySketch {
  const sketch: LatencySketch = { zeroCount: 0, keys: [], counts: [] };
  // typed arrays sort by value, and natively
  const sorted = new Int32Array(keys).sort();
  for (let at = 0; at < sorted.length; ) {
    const key = sorted[at]!;
    const first = at;
    while (at < sorted.length && sorted[at] === key) at++;
    sketch.keys.push(key);
    sketch.counts.push(at - first);
  }
  return sketch;
}

export function encodeSketch({ zeroCount, keys, counts }: LatencySketch): string {
  let text = `${zeroCount};`;
  let previous = 0;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const count = counts[index]!;
    if (index > 0) text += ",";
    text += count === 1 ? `${key - previous}` : `${key - previous}*${count}`;
    previous = key;
  }
  return text;
}

/** @param text as `encodeSketch` wrote it
 *  @throws Error when it is not such a text */
export function decodeSketch(text: string): LatencySketch {
  const sketch: LatencySketch = { zeroCount: 0, keys: [], counts: [] };
  const { keys, counts } = sketch;
  let number = 0;
  let sign = 1;
  let key = 0;
  let inHead = true;
  let inCount = false;
  const closeBin = (): void => {
    if (inCount) counts[counts.length - 1] = number;
    else {
      key += sign * number;
      keys.push(key);
      counts.push(1);
    }
    inCount = false;
  };
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= ZERO + 9) {
      number = number * 10 + (code - ZERO);
      continue;
    }
    if (code === MINUS) sign = -1;
    else if (code === SEMICOLON && inHead) {
      sketch.zeroCount = number;
      inHead = false;
    } else if (code === STAR && !inHead && !inCount) {
      closeBin();
      inCount = true;
      sign = 1;
    } else if (code === COMMA && !inHead) {
      closeBin();
      sign = 1;
    } else throw new Error(`not a latency sketch: ${JSON.stringify(text.slice(0, 40))}`);
    if (code !== MINUS) number = 0;
  }
  if (inHead) throw new Error(`not a latency sketch: ${JSON.stringify(text.slice(0, 40))}`);
  if (text.charCodeAt(text.length - 1) !== SEMICOLON) closeBin();
  return sketch;
}

export function mergeSketches(a: LatencySketch, b: LatencySketch): LatencySketch {
  const merged: LatencySketch = { zeroCount: a.zeroCount + b.zeroCount, keys: [], counts: [] };
  let left = 0;
  let right = 0;
  while (left < a.keys.length || right < b.keys.length) {
    const leftKey = left < a.keys.length ? a.keys[left]! : Number.POSITIVE_INFINITY;
    const rightKey = right < b.keys.length ? b.keys[right]! : Number.POSITIVE_INFINITY;
    merged.keys.push(Math.min(leftKey, rightKey));
    merged.counts.push((leftKey <= rightKey ? a.counts[left++]! : 0) + (rightKey <= leftKey ? b.counts[right++]! : 0));
  }
  return merged;
}

/** @param quantile in [0, 1]
 *  @returns ms; null for an empty sketch */
export function sketchQuantile(sketch: LatencySketch, quantile: number): number | null {
  let total = sketch.zeroCount;
  for (const count of sketch.counts) total += count;
  if (total === 0) return null;
  const rank = quantile * (total - 1);
  let seen = sketch.zeroCount;
  if (rank < seen) return 0;
  for (let index = 0; index < sketch.keys.length; index++) {
    seen += sketch.counts[index]!;
    if (seen > rank) return binValue(sketch.keys[index]!);
  }
  const last = sketch.keys.at(-1);
  return last === undefined ? 0 : binValue(last);
}

/** The value with the same relative distance to both edges of the bin. */
function binValue(key: number): number {
  return (GAMMA ** key * 2) / (1 + GAMMA);
}
