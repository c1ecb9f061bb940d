/** The boosted trees' thread, as the fit asks for it. */
import { fileURLToPath } from "node:url";
import { startThreads } from "../../services/platform/runtime/threads.ts";
import type { BoostedHazards, BoostOptions } from "./fit-boosted.ts";
import type { HazardRows } from "./fit-hazard.ts";
import type { TreesBase } from "./search-settings.ts";
import type { GrownTrees, TreesOrder } from "./trees-thread.ts";

export interface TreesThread {
  /** Looks for settings on `fit`, judged by `judge`, and grows trees by them on `thenOn`. @returns null where none help */
  searchAndGrow(fit: HazardRows, judge: HazardRows, base: TreesBase, thenOn: HazardRows): Promise<GrownTrees | null>;
  grow(rows: HazardRows, options: BoostOptions): Promise<BoostedHazards>;
  close(): Promise<void>;
}

/** Rows go to the thread as copies, but for what lies in shared memory.
 *  @throws UNAVAILABLE from its methods when the thread ends over the work */
export async function startTreesThread(): Promise<TreesThread> {
  const threads = await startThreads<TreesOrder, GrownTrees | null>({
    name: "the thread that grows trees",
    filename: fileURLToPath(import.meta.url).replace(/start-trees-thread(\.[jt]s)$/, "trees-thread$1"),
    threads: 1,
    settings: {},
    firstOrder: { kind: "hello" },
    // whoever waits for the answer is told
    onThreadLost: () => {},
  });
  return {
    searchAndGrow: (fit, judge, base, thenOn) => threads.run({ kind: "search", fit, judge, base, thenOn }),
    async grow(rows, options) {
      const grown = await threads.run({ kind: "grow", rows, options });
      if (grown === null) throw new RangeError("trees were asked for and none came");
      return grown.boosted;
    },
    close: () => threads.close(),
  };
}
