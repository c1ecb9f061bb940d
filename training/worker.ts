/** The training role's worker: takes requests from the queue one at a time and brings every row of training_jobs to a final state. */
import { createHash } from "node:crypto";
import type { Clock } from "../services/platform/clock.ts";
import { HarbingerError } from "../services/platform/errors.ts";
import type { Logger } from "../services/platform/logger.ts";
import type { Job, JobQueue } from "../services/platform/queue/job-queue.ts";
import type { TrainingJobRequest } from "../services/platform/queue/training-job.ts";
import type { Database } from "../services/platform/store/database.ts";
import {
  beatTrainingJob,
  createTrainingJob,
  failSilentTrainingJobs,
  finishTrainingJob,
  requeueTrainingJob,
  startTrainingJob,
  type TrainingOutcome,
} from "../services/platform/store/training-jobs-store.ts";
import type { JobReport } from "./job-messages.ts";
import type { TrainingSettings } from "./settings.ts";

export interface WorkerDeps {
  db: Database;
  queue: JobQueue<TrainingJobRequest>;
  clock: Clock;
  logger: Logger;
  settingsFor(request: TrainingJobRequest): TrainingSettings;
  /** @param signal ends the run, whose promise then rejects */
  run(
    settings: TrainingSettings,
    onProgress: (progress: Extract<JobReport, { kind: "progress" }>) => void,
    signal: AbortSignal,
  ): Promise<TrainingOutcome>;
}

export interface TrainingWorker {
  /** Ends a running job's process and gives the job back to the queue. */
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 5_000;
/** Longer than the queue needs to hand a dead worker's job to another, so that the retry comes first. */
const SILENCE_MS = 5 * 60_000;
const SWEEP_MS = 30_000;

export async function startTrainingWorker(deps: WorkerDeps): Promise<TrainingWorker> {
  const { db, clock, logger } = deps;
  const stopping = new AbortController();
  const sweep = async (): Promise<void> => {
    const { waiting, active, delayed } = await deps.queue.depth();
    const ids = await failSilentTrainingJobs(db, {
      lastBeatMs: clock.now() - SILENCE_MS,
      atMs: clock.now(),
      queueIsEmpty: waiting + active + delayed === 0,
    });
    if (ids.length > 0) logger.warn({ ids }, "training jobs whose process had died were ended");
  };
  await sweep();
  const timer = setInterval(
    () => sweep().catch((error: unknown) => logger.warn({ err: error }, "sweep failed")),
    SWEEP_MS,
  );
  timer.unref();
  const worker = deps.queue.work((job) => handle(deps, job, stopping.signal), { concurrency: 1 });
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort(new HarbingerError("UNAVAILABLE", "the training worker is stopping"));
      await worker.close();
    },
  };
}

async function handle(deps: WorkerDeps, job: Job<TrainingJobRequest>, signal: AbortSignal): Promise<void> {
  const { db, clock, logger } = deps;
  const request = job.payload;
  const id = request.trainingJobId ?? rowIdOf(job.id);
  await createTrainingJob(db, {
    id,
    model: request.model,
    requestedBy: request.requestedBy,
    reason: request.reason,
    params: { ...request.params },
    createdAtMs: clock.now(),
  });
  if (!(await startTrainingJob(db, id, clock.now()))) return;
  const beat = (progress?: Parameters<typeof beatTrainingJob>[3]): void => {
    beatTrainingJob(db, id, clock.now(), progress).catch((error: unknown) =>
      logger.warn({ err: error, id }, "a training job's progress could not be stored"),
    );
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  try {
    const outcome = await deps.run(
      deps.settingsFor(request),
      ({ stage, percent, detail }) => {
        const progress = { stage, percent: Math.round(percent), ...(detail === undefined ? {} : { detail }) };
        beat(progress);
        job.reportProgress(progress).catch(() => {});
      },
      signal,
    );
    await finishTrainingJob(db, id, clock.now(), outcome);
    const { state, version, verdict, error } = outcome;
    logger.info({ id, model: request.model, state, version, reason: verdict?.reason ?? error }, "training job ended");
  } catch (error) {
    // Only a stop or an outage comes here; the queue will bring the job again.
    if (signal.aborted) await requeueTrainingJob(db, id);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** A schedule's run has no row yet; its retries must find the same one. RFC 9562 version 8: bits of our own. */
function rowIdOf(queueJobId: string): string {
  const hex = createHash("sha256").update(`training job ${queueJobId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
