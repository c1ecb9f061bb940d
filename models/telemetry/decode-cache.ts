/** What repeats from one request to the next and is cheaper to know than to find out again. It never changes an answer; it is
 *  bounded; it belongs to one thread. */
import { createMemo } from "./memo.ts";
import { keptAttributeName } from "./semconv.ts";
import { TextCache } from "./text-cache.ts";

export interface DecodeCache {
  readonly texts: TextCache;
  /** {@link keptAttributeName} */
  readonly keptName: (key: string) => string | null;
}

const MAX_KEPT_NAMES = 1_000;
const MAX_KEY_LENGTH = 128;

export function createDecodeCache(): DecodeCache {
  const known = createMemo(MAX_KEPT_NAMES, keptAttributeName);
  return {
    texts: new TextCache(),
    // a key that is long for a name is not worth its memory
    keptName: (key) => (key.length > MAX_KEY_LENGTH ? keptAttributeName(key) : known(key)),
  };
}
