/** Lets the main thread, which answers requests, go first when there are fewer CPUs than threads with something to do. */
import { readlinkSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";

/** in steps of `nice` */
const STEPS_BELOW = 5;

/** For a worker thread to call. On Linux every thread has a priority of its own; elsewhere nothing happens. */
export function yieldToTheMainThread(): void {
  try {
    const threadId = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (threadId > 0 && threadId !== process.pid) {
      setPriority(threadId, Math.min(constants.priority.PRIORITY_LOW, getPriority(process.pid) + STEPS_BELOW));
    }
  } catch {
    // no such file, or not allowed: the threads then share as equals
  }
}
