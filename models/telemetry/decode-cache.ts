/** What repeats from one request to the next and is cheaper to know than to find out again. It never changes an answer; it is
 *  bounded; it belongs to one thread. */
import { createMemo } from "./memo.ts";
import { type MetricMeaning, meaningOf } from "./saturation.ts";
import { keptAttributeName } from "./semconv.ts";
import { TextCache } from "./text-cache.ts";

export interface DecodeCache {
  readonly texts: TextCache;
  /** {@link keptAttributeName} */
  readonly keptName: (key: string) => string | null;
  /** {@link meaningOf} */
  readonly metricMeaning: (metricName: string) => MetricMeaning;
}

const MAX_KNOWN = 1_000;
/** a name that is longer is not worth its memory */
const MAX_NAME_LENGTH = 128;

export function createDecodeCache(): DecodeCache {
  return {
    texts: new TextCache(),
    keptName: ofShortNames(keptAttributeName),
    metricMeaning: ofShortNames(meaningOf),
  };
}

function ofShortNames<Answer>(answer: (name: string) => Answer): (name: string) => Answer {
  const known = createMemo(MAX_KNOWN, answer);
  return (name) => (name.length > MAX_NAME_LENGTH ? answer(name) : known(name));
}
