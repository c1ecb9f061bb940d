/** Asks for a training: a row that operators can follow, then a job in the queue. */
import type { Clock } from "../clock.ts";
import { HarbingerError } from "../errors.ts";
import type { Queues } from "../queue/queues.ts";
import type { TrainingJobRequest } from "../queue/training-job.ts";
import type { Database } from "../store/database.ts";
import { createTrainingJob, finishTrainingJob } from "../store/training-jobs-store.ts";

export interface TrainingRequestDeps {
  db: Database;
  queue: Pick<Queues["training"], "add">;
  clock: Clock;
}

/** @param id of the row and the queue's job: asking twice under one id asks once
 *  @throws UNAVAILABLE when the queue does not take the job (it is then recorded as failed) */
export async function requestTraining(
  { db, queue, clock }: TrainingRequestDeps,
  id: string,
  { because, ...request }: Omit<TrainingJobRequest, "trainingJobId"> & { because?: string },
): Promise<void> {
  const { model, requestedBy, reason, params = {} } = request;
  const said = because === undefined ? {} : { because };
  await createTrainingJob(db, { id, model, requestedBy, reason, ...said, params, createdAtMs: clock.now() });
  try {
    await queue.add(model, { ...request, trainingJobId: id }, { jobId: id });
  } catch (cause) {
    await finishTrainingJob(db, id, clock.now(), {
      state: "failed",
      version: null,
      metrics: null,
      verdict: null,
      error: "the queue did not take the job",
    });
    throw new HarbingerError("UNAVAILABLE", "the training queue does not take jobs just now", { cause });
  }
}
