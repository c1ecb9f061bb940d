/** The features role: merges the telemetry queue into windows, closes them, scores the risk and says it as metrics. */
import { createErrorReader } from "../../models/classifier/error-reader.ts";
import { createErrorClassifier } from "../platform/classification/error-classifier.ts";
import { openTelemetryJob } from "../platform/queue/telemetry-job.ts";
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import { observeModels } from "../platform/serving/model-metrics.ts";
import { createCloser } from "./close/closer.ts";
import { createFoldMemory } from "./close/fold-memory.ts";
import { mergeJob } from "./merge/merge-job.ts";
import { createRetention } from "./retention.ts";
import { observeRisk } from "./risk-metrics.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";

/** Two keep the database busy while one parses; more wait for each other's windows. */
const MERGE_CONCURRENCY = 2;

export async function startFeatures(platform: Platform): Promise<RunningRole> {
  const { config, db, clock, logger, meter, newId, models, queues } = platform;
  const windowSizeMs = config.windows.sizeMs;

  const metrics = createWorkerMetrics(meter, db, clock);
  const stopRisk = observeRisk({ meter, db, logger, primaryHorizonMs: config.primaryHorizonMs });
  const stopModels = observeModels({ meter, db, logger, models });
  const classifier = createErrorClassifier({ db, models, logger, clock });
  const mergeDeps = {
    ...{ db, clock, logger, windowSizeMs, classifier, reader: createErrorReader() },
    maxServices: config.limits.maxServices,
    maxErrorGroups: config.limits.maxErrorGroups,
    onFallback: (count: number) => metrics.fellBack("error-classifier", count),
  };
  const worker = queues.telemetry.work(
    async ({ payload }) => {
      const startedMs = clock.now();
      metrics.merged(await mergeJob(openTelemetryJob(payload), mergeDeps), clock.now() - startedMs);
    },
    { concurrency: MERGE_CONCURRENCY },
  );
  const closer = createCloser({
    ...{ db, clock, logger, newId, windowSizeMs },
    ...config.windows,
    memory: createFoldMemory(),
    policy: config.failure,
    serviceRetireAfterMs: config.limits.serviceRetireAfterMs,
    horizonsMs: config.horizonsMs,
    primaryHorizonMs: config.primaryHorizonMs,
    predictor: () => models.predictor(),
    queueDepth: () => queues.telemetry.depth(),
    onFallback: () => metrics.fellBack("failure-predictor", 1),
    onClosed: metrics.closed,
  });
  const retention = createRetention({ db, clock, logger, retentionMs: config.limits.retentionMs });
  closer.start();
  retention.start();

  return {
    name: "features",
    ready: () => {
      const trouble = closer.trouble();
      return trouble === null ? { ready: true } : { ready: false, detail: `windows cannot be closed: ${trouble}` };
    },
    async stop() {
      await worker.close();
      await closer.stop();
      await retention.stop();
      stopRisk();
      stopModels();
      metrics.stop();
    },
  };
}
