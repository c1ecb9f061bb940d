/** Starts trainings that nobody asked for: enough feedback, drift, a champion that was taken back. One at a time and once, whichever
 *  process notices first. */
import { createHash } from "node:crypto";
import {
  decideRetraining,
  type RetrainingDecision,
  type RetrainingSettings,
} from "../../../models/lifecycle/retraining-policy.ts";
import type { TrainingJobRequest } from "../queue/training-job.ts";
import { readDriftSignals } from "../store/drift-store.ts";
import { countFeedbackSince } from "../store/feedback-store.ts";
import { readAliasAudit } from "../store/registry-store.ts";
import { listTrainingJobs, type TrainingJobRow } from "../store/training-jobs-store.ts";
import { requestTraining, type TrainingRequestDeps } from "./request-training.ts";

type TrainableModel = TrainingJobRequest["model"];

/** What feedback teaches which model. */
const TAUGHT_BY = { "error-classifier": "class", "failure-predictor": "outcome" } as const;

export interface Consideration {
  decision: RetrainingDecision;
  /** standing labels since the last job */
  labels: number;
  trainingJobId: string | null;
}

/** Jobs that are looked back on; more than ever wait or run, and than fail in a row. */
const JOBS_LOOKED_AT = 50;

/** @param newExamples outcomes that have become known since the last job; what only feedback can tell is looked up here
 *  @throws UNAVAILABLE when the queue does not take the job */
export async function considerRetraining(
  deps: TrainingRequestDeps,
  model: TrainableModel,
  settings: RetrainingSettings,
  newExamples: (labels: number) => number,
): Promise<Consideration> {
  const { db, clock } = deps;
  const jobs = await listTrainingJobs(db, { model, limit: JOBS_LOOKED_AT });
  // A job that failed has taught nothing.
  const lastTaughtMs = jobs.find(({ state }) => state !== "failed")?.createdAtMs ?? 0;
  const labels = await countFeedbackSince(db, TAUGHT_BY[model], lastTaughtMs);
  const decision = decideRetraining(
    {
      nowMs: clock.now(),
      busy: jobs.some(({ state }) => state === "queued" || state === "running"),
      lastAutomaticMs: jobs.find(isAutomatic)?.createdAtMs ?? null,
      newLabels: labels,
      newExamples: newExamples(labels),
      drifting: [...(await driftOf(deps, model)), ...(await rollbackSince(deps, model, lastTaughtMs))],
    },
    settings,
  );
  if (!decision.start) return { decision, labels, trainingJobId: null };
  const trainingJobId = successorId(model, jobs[0]?.id ?? "first");
  const { reason, because } = decision;
  await requestTraining(deps, trainingJobId, { model, requestedBy: reason, reason, because });
  return { decision, labels, trainingJobId };
}

function isAutomatic({ reason }: TrainingJobRow): boolean {
  return reason === "feedback" || reason === "drift";
}

async function driftOf({ db }: TrainingRequestDeps, model: TrainableModel): Promise<string[]> {
  return (await readDriftSignals(db, model)).filter(({ drifting }) => drifting).map(({ signal }) => signal);
}

async function rollbackSince({ db }: TrainingRequestDeps, model: TrainableModel, sinceMs: number): Promise<string[]> {
  const [last] = await readAliasAudit(db, { name: model, alias: "champion", limit: 1 });
  if (last === undefined || last.rollbackEvidence === null || last.atMs <= sinceMs) return [];
  return [`version ${last.fromVersion} was taken back`];
}

/** Of several processes that come to a decision at once, all name the same job: the store and the queue keep one. */
function successorId(model: string, lastJobId: string): string {
  const hex = createHash("sha256").update(`${model} after ${lastJobId}`).digest("hex");
  // Version 8 of RFC 9562: a UUID whose bits the application defines.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
