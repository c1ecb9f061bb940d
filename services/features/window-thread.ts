/** What runs on the thread that start-window-thread.ts starts. What fails is a value: an error loses its class between threads. */
import { workerData } from "node:worker_threads";
import { systemClock } from "../platform/clock.ts";
import type { ErrorCode } from "../platform/errors.ts";
import { createLogger, type LoggerOptions } from "../platform/logger.ts";
import type { SealedTelemetryJob } from "../platform/queue/telemetry-job.ts";
import { yieldToTheMainThread } from "../platform/runtime/thread-priority.ts";
import { asHarbingerError } from "../platform/store/outage.ts";
import type { Moment } from "./close/close-window.ts";
import { type OnFallback, openWindowWork, type WindowSettings, type WindowWork } from "./window-work.ts";

export type WindowThreadSettings = WindowSettings & { log: Pick<LoggerOptions, "level" | "serviceName"> };

export type WindowOrder =
  /** to find out whether the thread is there */
  | { kind: "hello" }
  | { kind: "merge"; job: SealedTelemetryJob }
  | { kind: "closeNext"; moment: Moment }
  | { kind: "refold" }
  /** the last one */
  | { kind: "close" };

export type WindowAnswer = { fallbacks: Parameters<OnFallback>[] } & (
  | { ok: true; value: unknown }
  /** `reason`: the stack of what was thrown */
  | { ok: false; code: ErrorCode; message: string; reason: string }
);

// start-window-thread.ts puts them there
const { log, ...settings } = workerData as WindowThreadSettings;
let fallbacks: Parameters<OnFallback>[] = [];
yieldToTheMainThread();
const work = await openWindowWork(settings, {
  logger: createLogger(log),
  clock: systemClock,
  onFallback: (...fallback) => {
    fallbacks.push(fallback);
  },
});

export default async function answer(order: WindowOrder): Promise<WindowAnswer> {
  try {
    return { ok: true, value: await carryOut(order, work), fallbacks: takeFallbacks() };
  } catch (thrown) {
    const { code, message, stack = "", cause } = asHarbingerError(thrown);
    const reason = cause instanceof Error ? (cause.stack ?? cause.message) : stack;
    return { ok: false, code, message, reason, fallbacks: takeFallbacks() };
  }
}

async function carryOut(order: WindowOrder, { merge, closeNext, refold, close }: WindowWork): Promise<unknown> {
  switch (order.kind) {
    case "hello":
      return null;
    case "merge":
      return merge(order.job);
    case "closeNext":
      return closeNext(order.moment);
    case "refold":
      return refold();
    case "close":
      return close();
  }
}

/** Since the last answer, whichever order they came of. */
function takeFallbacks(): Parameters<OnFallback>[] {
  const taken = fallbacks;
  fallbacks = [];
  return taken;
}
