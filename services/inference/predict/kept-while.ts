/** Keeps what is dear to make for as long as the stamp stays under which it was made. Whoever asks for the same while it is being made
 *  waits for that one. */
export interface KeptWhile<Value> {
  /** @param stamp what the value rests on; null: that cannot be told, so nothing is found
   *  @returns undefined: make it, and `put` the promise */
  get(key: string, stamp: string | null): Promise<Value> | undefined;
  /** A value that could not be made is not kept. */
  put(key: string, stamp: string | null, value: Promise<Value>): void;
}

/** @param capacity values at most; the oldest gives way */
export function createKeptWhile<Value>(capacity: number): KeptWhile<Value> {
  let current: string | null = null;
  const values = new Map<string, Promise<Value>>();
  return {
    get(key, stamp) {
      return stamp !== null && stamp === current ? values.get(key) : undefined;
    },
    put(key, stamp, value) {
      if (stamp === null) return;
      if (stamp !== current) {
        values.clear();
        current = stamp;
      }
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > capacity && oldest !== undefined) values.delete(oldest);
      value.catch(() => {
        if (values.get(key) === value) values.delete(key);
      });
    },
  };
}
