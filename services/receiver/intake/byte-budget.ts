/** Bytes of requests that are being worked on. When they are used up, senders are asked to come back: a queue in memory would
 *  only hide that we are too slow. */
export interface ByteBudget {
  /** @returns false when there is no room; nothing is taken then */
  take(bytes: number): boolean;
  give(bytes: number): void;
  inUse(): number;
}

export function createByteBudget(maxBytes: number): ByteBudget {
  let inUse = 0;
  return {
    take: (bytes) => {
      if (inUse + bytes > maxBytes) return false;
      inUse += bytes;
      return true;
    },
    give: (bytes) => {
      inUse -= bytes;
    },
    inUse: () => inUse,
  };
}
