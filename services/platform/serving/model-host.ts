/** Serves the champion of each model: loads it at start, follows the alias through NOTIFY and, should a notification be lost,
 *  by a slow poll. Callers read a slot and run its session; a swap never drops a call (leased-session.ts). */
import type { ClassifierManifest } from "../../../models/classifier/manifest.ts";
import type { PredictorManifest } from "../../../models/predictor/manifest.ts";
import { MODEL_ALIAS_CHANNEL } from "../store/registry-store.ts";
import { classifierDefinition, predictorDefinition } from "./definitions.ts";
import type { ModelSlot } from "./model-slot.ts";
import { createServedSlot, type SlotDeps } from "./served-slot.ts";

export interface ModelHostDeps extends SlotDeps {
  /** Subscribes to a Postgres notification channel; the returned function unsubscribes. */
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>;
  /** default 15 000 */
  pollIntervalMs?: number;
}

export interface ModelHost {
  predictor(): ModelSlot<PredictorManifest>;
  classifier(): ModelSlot<ClassifierManifest>;
  /** Compares every slot with the registry now. Concurrent calls share one pass, and a call that arrives during a pass waits for
   *  a fresh one, so that what was committed before the call is seen. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const POLL_INTERVAL_MS = 15_000;

/** Loads what is there and starts following the registry. A model that is refused, or a database that does not answer just now,
 *  does not stop the start: the slot says so. */
export async function createModelHost(deps: ModelHostDeps): Promise<ModelHost> {
  const predictor = createServedSlot(predictorDefinition, deps);
  const classifier = createServedSlot(classifierDefinition, deps);
  const refresh = coalesce(async () => {
    await predictor.refresh();
    await classifier.refresh();
  });
  const refreshQuietly = (): void => {
    refresh().catch((error: unknown) =>
      deps.logger.warn({ err: error }, "the model registry could not be read; will retry"),
    );
  };
  const stopListening = await deps.listen(MODEL_ALIAS_CHANNEL, refreshQuietly);
  const timer = setInterval(refreshQuietly, deps.pollIntervalMs ?? POLL_INTERVAL_MS);
  timer.unref();
  await refresh().catch((error: unknown) =>
    deps.logger.warn({ err: error }, "the model registry could not be read; will retry"),
  );
  return {
    predictor: predictor.current,
    classifier: classifier.current,
    refresh,
    async close() {
      clearInterval(timer);
      await stopListening();
      await refresh.settled();
      await Promise.all([predictor.close(), classifier.close()]);
    },
  };
}

/** At most one pass runs; callers during a pass share the next one. */
function coalesce(pass: () => Promise<void>): (() => Promise<void>) & { settled(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const call = (): Promise<void> => {
    if (next !== null) return next;
    const started = running
      .catch(() => {})
      .then(() => {
        next = null;
        return pass();
      });
    next = started;
    running = started;
    return started;
  };
  return Object.assign(call, { settled: () => running.catch(() => {}) });
}
