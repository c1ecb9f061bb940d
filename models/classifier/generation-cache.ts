/** A map that forgets what was not asked for lately, in bounded space and without a list to keep in order: two generations, after the
 *  "second chance" of Corbató 1968 ("A paging experiment with the Multics system"). What is asked for moves to the young
 *  generation; when that is full it becomes the old one, and the old one is forgotten. */

export interface GenerationCache<Value> {
  get(key: string): Value | undefined;
  /** @param weight in the unit of the bound, > 0 */
  set(key: string, value: Value, weight?: number): void;
  clear(): void;
}

/** @param bound weight of one generation; at most twice as much is kept, and one entry more */
export function createGenerationCache<Value>(bound: number): GenerationCache<Value> {
  type Entry = { value: Value; weight: number };
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  let youngWeight = 0;
  const keep = (key: string, entry: Entry): void => {
    if (youngWeight >= bound) {
      old = young;
      young = new Map();
      youngWeight = 0;
    }
    young.set(key, entry);
    youngWeight += entry.weight;
  };
  return {
    get(key) {
      const known = young.get(key);
      if (known !== undefined) return known.value;
      const aged = old.get(key);
      if (aged === undefined) return undefined;
      keep(key, aged);
      return aged.value;
    },
    set: (key, value, weight = 1) => keep(key, { value, weight }),
    clear() {
      young = new Map();
      old = new Map();
      youngWeight = 0;
    },
  };
}
