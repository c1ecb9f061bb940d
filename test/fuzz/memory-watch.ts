/** Watches that a run does not keep what it was given: heap and buffers after a collection, against those when it was half done. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { isLongRun } from "./plan.ts";

const MIB = 1024 * 1024;
/** The collector's own swings; half of a long run reads many times as much. */
const MAX_KEPT_BYTES = 24 * MIB;
/** of the process, test runner included */
const MAX_RSS_BYTES = 1_024 * MIB;

export interface MemoryWatch {
  start(): void;
  /** fails the test when memory was kept since `start` */
  check(): void;
  print(): void;
}

export function createMemoryWatch(): MemoryWatch {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  let startBytes = Number.NaN;
  let keptBytes = Number.NaN;

  function heldBytes(): number {
    collect();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external + arrayBuffers;
  }

  // in kibibytes, over the whole life of the process
  const peakRss = () => process.resourceUsage().maxRSS * 1024;

  return {
    start: () => {
      startBytes = heldBytes();
    },
    check: () => {
      keptBytes = heldBytes() - startBytes;
      expect(keptBytes).toBeLessThan(MAX_KEPT_BYTES);
      expect(peakRss()).toBeLessThan(MAX_RSS_BYTES);
    },
    print: () => {
      if (!isLongRun) return;
      console.info(
        `memory: ${(keptBytes / MIB).toFixed(1)} MiB kept by the last half, peak rss ${(peakRss() / MIB).toFixed(0)} MiB`,
      );
    },
  };
}
