/** The work on windows, on a thread of its own. */
import { fileURLToPath } from "node:url";
import { HarbingerError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { startThreads } from "../platform/runtime/threads.ts";
import type { CloseOutcome } from "./close/close-window.ts";
import type { MergeOutcome } from "./merge/merge-job.ts";
import type { WindowAnswer, WindowOrder, WindowThreadSettings } from "./window-thread.ts";
import type { OnFallback, WindowWork } from "./window-work.ts";

export interface WindowThreadOptions {
  logger: Logger;
  /** merges that may go on at once */
  merges: number;
  onFallback: OnFallback;
}

/** @throws UNAVAILABLE when the thread cannot start; its work throws what it would throw here, and UNAVAILABLE when the thread ends over it */
export async function startWindowThread(
  settings: WindowThreadSettings,
  { logger, merges, onFallback }: WindowThreadOptions,
): Promise<WindowWork> {
  const name = "the thread that merges and closes windows";
  const threads = await startThreads<WindowOrder, WindowAnswer>({
    name,
    filename: fileURLToPath(import.meta.url).replace(/start-window-thread(\.[jt]s)$/, "window-thread$1"),
    threads: 1,
    // and the closer's
    ordersAtOnce: merges + 1,
    settings,
    firstOrder: { kind: "hello" },
    onThreadLost: (reason) => logger.error({ err: reason }, `${name} ended; another takes its place`),
  }).catch((cause: unknown) => {
    throw new HarbingerError("UNAVAILABLE", `${name} does not start`, { cause });
  });

  const order = async <T>(what: WindowOrder): Promise<T> => {
    // What a thread that ends had begun was in a transaction: nothing is half done.
    const answer = await threads.run(what);
    for (const fallback of answer.fallbacks) onFallback(...fallback);
    // The thread runs our own module, which answers each kind of order with its own kind of value.
    if (answer.ok) return answer.value as T;
    throw new HarbingerError(answer.code, answer.message, { cause: answer.reason });
  };
  return {
    merge: (job) => order<MergeOutcome>({ kind: "merge", job }),
    closeNext: (moment) => order<CloseOutcome>({ kind: "closeNext", moment }),
    refold: () => order<number>({ kind: "refold" }),
    close: async () => {
      await order({ kind: "close" });
      await threads.close();
    },
  };
}
