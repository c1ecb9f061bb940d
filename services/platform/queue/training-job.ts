/** What the `training` queue carries: a wish to train, made by an operator, a schedule, enough feedback, or drift. */
export interface TrainingJobRequest {
  /** row of training_jobs, when the request was recorded before it was queued; a schedule's run has none yet */
  trainingJobId?: string;
  model: "failure-predictor" | "error-classifier";
  requestedBy: string;
  reason: "manual" | "schedule" | "feedback" | "drift";
  params?: { horizonMs?: number; throughMs?: number; epochs?: number; seed?: number };
}
