/** Starts the training role: a worker on the `training` queue that runs each job in a process of its own. */
import type { Platform } from "../services/platform/runtime/platform.ts";
import type { RunningRole } from "../services/platform/runtime/role.ts";
import { runInChild } from "./run-in-child.ts";
import { settingsFrom } from "./settings-from.ts";
import { startTrainingWorker } from "./worker.ts";

export async function startTraining(platform: Platform): Promise<RunningRole> {
  const { config, clock, db, logger, queues, databaseUrl } = platform;
  const jobs = platform.meter.createCounter("harbinger.training.jobs", {
    description: "Training jobs by model and outcome",
    unit: "{job}",
  });
  const worker = await startTrainingWorker({
    db,
    queue: queues.training,
    clock,
    logger,
    settingsFor: (request) => settingsFrom(config, clock.now(), request),
    async run(settings, onProgress, signal) {
      const order = { databaseUrl, logLevel: config.log.level, settings };
      const outcome = await runInChild(order, { onProgress, signal });
      jobs.add(1, { model: settings.model, outcome: outcome.state });
      return outcome;
    },
  });
  return { name: "training", stop: worker.stop, ready: () => ({ ready: true }) };
}
