/** Whether Redis has room for more jobs. Taking a job and finishing it need memory, too: at `maxmemory` Redis refuses both, and a queue
 *  that was filled to the brim could never be emptied again. So adding stops a little earlier. */
import { performance } from "node:perf_hooks";
import type { Redis } from "ioredis";
import { HarbingerError } from "../errors.ts";

/** share of `maxmemory` that is left to the workers, and to what is added between two looks */
const RESERVED_RATIO = 0.1;
const LOOK_EVERY_MS = 100;

/** @returns a check that throws UNAVAILABLE while there is no room */
export function createRoomCheck(client: Pick<Redis, "info">): () => Promise<void> {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let isFull = false;
  let looking: Promise<void> | undefined;

  const look = async () => {
    // An outage is for the write to tell; a server that does not let us look is taken as one with room.
    isFull = await client.info("memory").then(isNearlyFull, () => false);
    lookedAtMs = performance.now();
    looking = undefined;
  };
  return async () => {
    if (performance.now() - lookedAtMs >= LOOK_EVERY_MS) {
      looking ??= look();
      await looking;
    }
    if (isFull) throw new HarbingerError("UNAVAILABLE", "the memory of Redis is nearly full; raise its `maxmemory`");
  };
}

/** @param memory Redis's answer to INFO */
function isNearlyFull(memory: string): boolean {
  const read = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, "m").exec(memory)?.[1] ?? 0);
  const maxBytes = read("maxmemory");
  // Buffers of the append-only file and of replicas are not held against the limit.
  const usedBytes = read("used_memory") - read("mem_not_counted_for_evict");
  return maxBytes > 0 && usedBytes > maxBytes * (1 - RESERVED_RATIO);
}
