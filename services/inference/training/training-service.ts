/** Training is asked for here and done elsewhere: a row that operators can follow, then a job in the queue. */
import { createHash } from "node:crypto";
import type { Clock, NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { Queues } from "../../platform/queue/queues.ts";
import type { TrainingJobRequest } from "../../platform/queue/training-job.ts";
import type { Database } from "../../platform/store/database.ts";
import { countFeedbackSince } from "../../platform/store/feedback-store.ts";
import {
  createTrainingJob,
  finishTrainingJob,
  listTrainingJobs,
  readTrainingJob,
  type TrainingJobRow,
} from "../../platform/store/training-jobs-store.ts";

export interface TrainingDeps {
  db: Database;
  queue: Queues["training"];
  clock: Clock;
  newId: NewId;
  /** new labels that start a job; 0 never does */
  feedbackTrigger: number;
}

type TrainableModel = TrainingJobRequest["model"];

export interface TrainingService {
  /** @throws UNAVAILABLE when the queue does not take the job (it is then recorded as failed) */
  request(job: {
    model: TrainableModel;
    requestedBy: string;
    params: NonNullable<TrainingJobRequest["params"]>;
  }): Promise<TrainingJobRow>;
  /** @throws NOT_FOUND */
  find(id: string): Promise<TrainingJobRow>;
  list(query: { model?: TrainableModel | undefined; limit: number }): Promise<TrainingJobRow[]>;
  /** Starts a job when operators have given enough new labels since the last one was asked for and none is waiting or running.
   *  @returns how many labels count, how many it takes, and the job when one was started */
  considerFeedback(
    taught: "class" | "outcome",
  ): Promise<{ labels: number; trigger: number; trainingJobId: string | null }>;
}

const TEACHES = { class: "error-classifier", outcome: "failure-predictor" } as const;

export function createTrainingService({ db, queue, clock, newId, feedbackTrigger }: TrainingDeps): TrainingService {
  const submit = async (id: string, request: Omit<TrainingJobRequest, "trainingJobId">): Promise<void> => {
    const { model, requestedBy, reason, params = {} } = request;
    await createTrainingJob(db, { id, model, requestedBy, reason, params, createdAtMs: clock.now() });
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
  };

  const find = async (id: string): Promise<TrainingJobRow> => {
    const job = await readTrainingJob(db, id);
    if (job === null) throw new HarbingerError("NOT_FOUND", "there is no such training job");
    return job;
  };

  return {
    async request({ model, requestedBy, params }) {
      const id = newId();
      await submit(id, { model, requestedBy, reason: "manual", params });
      return find(id);
    },
    find,
    list: ({ model, limit }) => listTrainingJobs(db, { limit, ...(model === undefined ? {} : { model }) }),
    async considerFeedback(taught) {
      const model = TEACHES[taught];
      const [last] = await listTrainingJobs(db, { model, limit: 1 });
      const labels = await countFeedbackSince(db, taught, last?.createdAtMs ?? 0);
      const busy = last?.state === "queued" || last?.state === "running";
      if (feedbackTrigger === 0 || labels < feedbackTrigger || busy) {
        return { labels, trigger: feedbackTrigger, trainingJobId: null };
      }
      const trainingJobId = successorId(model, last?.id ?? "first");
      await submit(trainingJobId, { model, requestedBy: "feedback", reason: "feedback" });
      return { labels, trigger: feedbackTrigger, trainingJobId };
    },
  };
}

/** Of several processes that see the threshold passed at once, all name the same job: the store and the queue keep one. */
function successorId(model: string, lastJobId: string): string {
  const hex = createHash("sha256").update(`${model} after ${lastJobId}`).digest("hex");
  // Version 8 of RFC 9562: a UUID whose bits the application defines.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
