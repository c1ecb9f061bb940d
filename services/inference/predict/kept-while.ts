/** Keeps what is dear to make for as long as the stamp stays under which it was made. Whoever asks for the same while it is being made
 *  waits for that one. */
import type { EpochMs } from "../../../models/telemetry/records.ts";

export interface KeptWhile<Value> {
  /** @param stamp what the value rests on; null: that cannot be told, so nothing is found
   *  @returns undefined: make it, and `put` the promise */
  get(key: string, stamp: string | null): Promise<Value> | undefined;
  /** A value that could not be made is not kept. */
  put(key: string, stamp: string | null, value: Promise<Value>): void;
  /** Forgets a value that turned out not to be fit to be found. */
  drop(key: string, value: Promise<Value>): void;
}

export interface Lifetime {
  /** what is older is not found, whatever the stamp says */
  ms: number;
  now(): EpochMs;
}

/** @param capacity values at most; the oldest gives way
 *  @param lifetime default: as long as the stamp stays */
export function createKeptWhile<Value>(capacity: number, lifetime?: Lifetime): KeptWhile<Value> {
  let current: string | null = null;
  const entries = new Map<string, { value: Promise<Value>; sinceMs: EpochMs }>();
  const isTooOld = (sinceMs: EpochMs): boolean =>
    // A clock that was set back makes nothing young again.
    lifetime !== undefined && Math.abs(lifetime.now() - sinceMs) > lifetime.ms;
  const drop = (key: string, value: Promise<Value>): void => {
    if (entries.get(key)?.value === value) entries.delete(key);
  };
  return {
    get(key, stamp) {
      if (stamp === null || stamp !== current) return undefined;
      const entry = entries.get(key);
      return entry === undefined || isTooOld(entry.sinceMs) ? undefined : entry.value;
    },
    put(key, stamp, value) {
      if (stamp === null) return;
      if (stamp !== current) {
        entries.clear();
        current = stamp;
      }
      entries.delete(key);
      entries.set(key, { value, sinceMs: lifetime?.now() ?? 0 });
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
      value.catch(() => drop(key, value));
    },
    drop,
  };
}
