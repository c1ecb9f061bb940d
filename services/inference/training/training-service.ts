/** Training is asked for here and done elsewhere. */
import type { RetrainingSettings } from "../../../models/lifecycle/retraining-policy.ts";
import type { NewId } from "../../platform/clock.ts";
import { HarbingerError } from "../../platform/errors.ts";
import type { TrainingJobRequest } from "../../platform/queue/training-job.ts";
import { listTrainingJobs, readTrainingJob, type TrainingJobRow } from "../../platform/store/training-jobs-store.ts";
import { requestTraining, type TrainingRequestDeps } from "../../platform/training/request-training.ts";
import { considerRetraining } from "../../platform/training/retraining.ts";

export interface TrainingDeps extends TrainingRequestDeps {
  newId: NewId;
  retraining: Pick<RetrainingSettings, "coolDownMs" | "feedbackLabels">;
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
  /** Starts a job when operators have given enough new labels since the last one, and none is waiting, running or just done.
   *  @returns how many labels count, how many it takes, and the job when one was started */
  considerFeedback(
    taught: "class" | "outcome",
  ): Promise<{ labels: number; trigger: number; trainingJobId: string | null }>;
}

const TEACHES = { class: "error-classifier", outcome: "failure-predictor" } as const;

export function createTrainingService(deps: TrainingDeps): TrainingService {
  const { db } = deps;
  const find = async (id: string): Promise<TrainingJobRow> => {
    const job = await readTrainingJob(db, id);
    if (job === null) throw new HarbingerError("NOT_FOUND", "there is no such training job");
    return job;
  };
  return {
    async request({ model, requestedBy, params }) {
      const id = deps.newId();
      await requestTraining(deps, id, { model, requestedBy, reason: "manual", params });
      return find(id);
    },
    find,
    list: ({ model, limit }) => listTrainingJobs(db, { limit, ...(model === undefined ? {} : { model }) }),
    async considerFeedback(taught) {
      // Drift is the lifecycle role's to judge: it knows how much is new.
      const settings = { ...deps.retraining, onDrift: false, minNewExamples: 0 };
      const { labels, trainingJobId } = await considerRetraining(deps, TEACHES[taught], settings, () => 0);
      return { labels, trigger: deps.retraining.feedbackLabels, trainingJobId };
    },
  };
}
