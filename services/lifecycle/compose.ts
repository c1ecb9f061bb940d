/** The lifecycle role: what becomes of models while they serve. */

import type { PredictorManifest } from "../../models/predictor/manifest.ts";
import { createErrorClassifier } from "../platform/classification/error-classifier.ts";
import type { HiddenAlias } from "../platform/lifecycle/watch-state.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import { predictorDefinition } from "../platform/serving/definitions.ts";
import { createServedSlot, type ServedSlot } from "../platform/serving/served-slot.ts";
import { createKeeper } from "./keeper.ts";
import { createLifecycleMetrics } from "./lifecycle-metrics.ts";
import { retrainWhenCalledFor } from "./retrain.ts";
import { rollBackIfWorse } from "./roll-back.ts";
import { scoreHidden } from "./score-hidden.ts";
import { takeInOutcomes } from "./take-in-outcomes.ts";
import { createClassifierDriftWatch } from "./watch-classifier-drift.ts";
import { watchDrift } from "./watch-drift.ts";

const SHORTEST_ROUND_MS = 1_000;
const LONGEST_ROUND_MS = 30_000;

export async function startLifecycle(platform: Platform): Promise<RunningRole> {
  const { config, db, clock, logger, meter, models, queues } = platform;
  const horizon = { windowSizeMs: config.windows.sizeMs, horizonMs: config.primaryHorizonMs };
  const deps = { db, clock, logger, horizon };
  const metrics = createLifecycleMetrics({ meter, db, logger, horizon });
  const slots = createHiddenSlots(platform);
  const outcomes = { ...deps, allowedLatenessMs: config.windows.allowedLatenessMs };
  const keeper = createKeeper({
    logger,
    intervalMs: Math.min(LONGEST_ROUND_MS, Math.max(SHORTEST_ROUND_MS, config.windows.sizeMs / 6)),
    steps: [
      { name: "scoring", run: (isStopping) => scoreHidden(deps, slots, isStopping) },
      {
        name: "outcomes",
        async run(isStopping) {
          while ((await takeInOutcomes(outcomes)) && !isStopping());
        },
      },
      {
        name: "drift",
        run: () => watchDrift({ ...deps, rollback: config.rollback, predictor: () => models.predictor() }),
      },
      {
        name: "drift of the classifier",
        run: createClassifierDriftWatch({
          ...{ db, clock, models },
          classifier: createErrorClassifier({ db, models, logger, clock, operatorRules: platform.operatorRules }),
        }),
      },
      {
        name: "rollback",
        run: () => rollBackIfWorse({ ...deps, rollback: config.rollback, onRollback: metrics.rolledBack }),
      },
      {
        name: "retraining",
        run: () =>
          retrainWhenCalledFor({
            ...{ ...deps, queue: queues.training, onStart: metrics.retrained },
            retraining: {
              onDrift: config.training.onDrift,
              coolDownMs: config.training.coolDownMs,
              feedbackLabels: config.training.feedbackTrigger,
              minNewExamples: config.training.minExamples,
            },
          }),
      },
    ],
  });
  keeper.start();
  return {
    name: "lifecycle",
    ready: () => {
      const trouble = keeper.trouble();
      return trouble === null ? { ready: true } : { ready: false, detail: trouble };
    },
    async stop() {
      await keeper.stop();
      metrics.stop();
      await Promise.all(Object.values(slots).map((slot) => slot.close()));
    },
  };
}

function createHiddenSlots({ db, logger }: Platform): Record<HiddenAlias, ServedSlot<PredictorManifest>> {
  const slot = (alias: HiddenAlias) =>
    createServedSlot(predictorDefinition, { db, logger, pretrainedDir: null, alias });
  return { challenger: slot("challenger"), shadow: slot("shadow") };
}
