/** Counters by name with a bound on the names, whose sum still does not depend on order.
 *
 *  A map keeps the `bound` names that come first in code-unit order and adds the rest up under `_OTHER` (a bottom-k sample of
 *  names, after Cohen & Kaplan 2007, with the name itself as rank). A name that belongs to the final map has fewer than `bound`
 *  names before it in the whole, hence in every part, so no part ever gave it up: counts of kept names are exact and merging is
 *  associative. Keeping the largest or the first seen would not be. */

export const OTHER = "_OTHER";

/** How many names a window keeps of each kind. Receivers and workers hold the same. */
export interface NameBounds {
  callees: number;
  versions: number;
  instances: number;
  gauges: number;
  fingerprints: number;
}

export const DEFAULT_NAME_BOUNDS: NameBounds = {
  callees: 64,
  versions: 16,
  instances: 128,
  gauges: 64,
  fingerprints: 256,
};

/** Sums by name of several records.
 *  @param add how two values of one name add up */
export function sumByName<T>(parts: readonly Readonly<Record<string, T>>[], add: (a: T, b: T) => T): Map<string, T> {
  const sums = new Map<string, T>();
  for (const part of parts) {
    for (const name of Object.keys(part)) {
      const sum = sums.get(name);
      const value = part[name]!;
      sums.set(name, sum === undefined ? value : add(sum, value));
    }
  }
  return sums;
}

/** A record in name order of at most `bound` names and, when there are more, the rest.
 *  @param sumRest what the rest is under `_OTHER`; it is given that of earlier cuts, too, and at least one value
 *  @param bound Infinity for none */
export function boundedRecord<T>(
  sums: ReadonlyMap<string, T>,
  sumRest: (rest: readonly T[]) => T,
  bound: number,
): Record<string, T> {
  const other = sums.get(OTHER);
  const names = [...sums.keys()].filter((name) => name !== OTHER).sort();
  const kept: [string, T][] = names.slice(0, bound).map((name) => [name, sums.get(name)!]);
  const rest: T[] = names.slice(bound).map((name) => sums.get(name)!);
  if (other !== undefined) rest.unshift(other);
  if (rest.length > 0) kept.push([OTHER, sumRest(rest)]);
  // fromEntries defines properties, so that a service called "__proto__" is a name like any other.
  return Object.fromEntries(kept);
}
