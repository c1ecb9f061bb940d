/** The features role: merges the telemetry queue into windows, closes them, scores the risk and says it as metrics. */
import type { Platform } from "../platform/runtime/platform.ts";
import type { RunningRole } from "../platform/runtime/role.ts";
import { observeModels } from "../platform/serving/model-metrics.ts";
import { createCloser } from "./close/closer.ts";
import { createMergeTogether } from "./merge/merge-together.ts";
import { createRetention } from "./retention.ts";
import { observeRisk } from "./risk-metrics.ts";
import { startWindowThread } from "./start-window-thread.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";

/** Two keep the database busy while one parses; more wait for each other's windows. */
const MERGES_AT_ONCE = 2;
/** One transaction stays short: some tenths of a second on a slow machine. A job of 20 spans is 1 KiB, one of 8 000 spans with 160 errors 17 KiB. */
const MERGED_JOBS = 32;
const MERGED_BYTES = 128 * 1024;
/** What is held gathers while a merge is going on. It is a few transactions' worth, so that no job waits longer in a worker's hands
 *  than closing allows for (settled-events.ts). */
const HELD = { mostJobs: 32, maxBytes: 4 * MERGED_BYTES };

/** Most groups are of one service or a few; a library's may be of every one. */
const PAIRS_PER_GROUP = 20;

export async function startFeatures(platform: Platform): Promise<RunningRole> {
  const { config, db, clock, logger, meter, models, queues } = platform;
  const windowSizeMs = config.windows.sizeMs;

  const metrics = createWorkerMetrics(meter, db, clock);
  const stopRisk = observeRisk({ meter, db, logger, primaryHorizonMs: config.primaryHorizonMs });
  const stopModels = observeModels({ meter, db, logger, models });
  const work = await startWindowThread(
    {
      databaseUrl: platform.databaseUrl,
      applicationName: config.telemetry.serviceName,
      log: { level: logger.level, serviceName: config.telemetry.serviceName },
      windowSizeMs,
      maxServices: config.limits.maxServices,
      maxErrorGroups: config.limits.maxErrorGroups,
      nameBounds: config.limits.names,
      policy: config.failure,
      serviceRetireAfterMs: config.limits.serviceRetireAfterMs,
      horizonsMs: config.horizonsMs,
      primaryHorizonMs: config.primaryHorizonMs,
      operatorRules: platform.operatorRules,
    },
    { logger, merges: MERGES_AT_ONCE, onFallback: metrics.fellBack },
  );
  const mergeTogether = createMergeTogether({
    merge: work.merge,
    ...{ maxJobs: MERGED_JOBS, maxBytes: MERGED_BYTES, maxMerges: MERGES_AT_ONCE },
  });
  const worker = queues.telemetry.work(
    async ({ payload }) => {
      const startedMs = clock.now();
      metrics.merged(await mergeTogether(payload), clock.now() - startedMs);
    },
    { concurrency: MERGES_AT_ONCE, bySize: HELD },
  );
  const closer = createCloser({
    ...{ db, clock, logger, windowSizeMs },
    ...config.windows,
    ...{ closeNext: work.closeNext, refold: work.refold },
    queueDepth: () => queues.telemetry.depth(),
    onClosed: metrics.closed,
  });
  const retention = createRetention({
    ...{ db, clock, logger },
    retentionMs: config.limits.retentionMs,
    maxErrorGroupServices: PAIRS_PER_GROUP * config.limits.maxErrorGroups,
  });
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
      await work.close();
      stopRisk();
      stopModels();
      metrics.stop();
    },
  };
}
