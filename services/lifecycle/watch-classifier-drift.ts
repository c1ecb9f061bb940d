/** Writes down whether the errors that come in have moved away from those that the classifier knows, so that it shows with the models and
 *  may start a training. */
import { type ClassifierDriftSource, readClassifierDrift } from "../platform/classification/classifier-drift.ts";
import { ERROR_CLASSIFIER } from "../platform/serving/definitions.ts";
import type { ModelHost } from "../platform/serving/model-host.ts";
import { servedModel } from "../platform/serving/model-slot.ts";
import { forgetDriftOfOthers, writeDriftVerdicts } from "../platform/store/drift-store.ts";
import type { LifecycleDeps } from "./deps.ts";

export interface ClassifierDriftDeps extends Pick<LifecycleDeps, "db" | "clock"> {
  models: Pick<ModelHost, "classifier">;
  classifier: ClassifierDriftSource;
}

/** Kinds of error and labels come slowly, and a look reads hundreds of them. */
const LOOK_EVERY_MS = 10 * 60_000;

/** @returns a step that looks when it is time to */
export function createClassifierDriftWatch({
  db,
  clock,
  models,
  classifier,
}: ClassifierDriftDeps): () => Promise<void> {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = clock.now();
    if (nowMs - lookedAtMs < LOOK_EVERY_MS) return;
    const served = servedModel(models.classifier());
    const version = served?.source === "registry" ? served.version : null;
    const signs = await readClassifierDrift(db, classifier, nowMs);
    await forgetDriftOfOthers(db, ERROR_CLASSIFIER, version);
    await writeDriftVerdicts(
      db,
      ERROR_CLASSIFIER,
      signs.map((sign) => ({ ...sign, version })),
      nowMs,
    );
    lookedAtMs = nowMs;
  };
}
